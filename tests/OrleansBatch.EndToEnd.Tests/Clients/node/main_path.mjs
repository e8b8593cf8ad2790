// The main path of a user of the AWS SDK for JavaScript. The endpoint comes from the environment, as for any SDK.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import {
  BatchClient, CancelJobCommand, CreateComputeEnvironmentCommand, CreateJobQueueCommand, DeleteComputeEnvironmentCommand,
  DeleteJobQueueCommand, DeregisterJobDefinitionCommand, DescribeComputeEnvironmentsCommand, DescribeJobDefinitionsCommand,
  DescribeJobQueuesCommand, DescribeJobsCommand, ListTagsForResourceCommand, paginateListJobs, RegisterJobDefinitionCommand,
  SubmitJobCommand, TagResourceCommand, TerminateJobCommand, UntagResourceCommand, UpdateComputeEnvironmentCommand,
  UpdateJobQueueCommand,
} from "@aws-sdk/client-batch";
import { CloudWatchLogsClient, DescribeLogStreamsCommand, FilterLogEventsCommand, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";

const batch = new BatchClient({});
const logs = new CloudWatchLogsClient({});
const sts = new STSClient({});

async function ended(ids) {
  for (;;) {
    const { jobs } = await batch.send(new DescribeJobsCommand({ jobs: ids }));
    assert.equal(jobs.length, ids.length);
    if (jobs.every(job => job.status === "SUCCEEDED" || job.status === "FAILED")) {
      return Object.fromEntries(jobs.map(job => [job.jobId, job]));
    }
    await sleep(50);
  }
}

const submit = async (script, more = {}) => (await batch.send(new SubmitJobCommand({
  jobName: "node", jobQueue: "node", jobDefinition: "node", parameters: { script }, ...more,
}))).jobId;

const identity = await sts.send(new GetCallerIdentityCommand({}));
assert.equal(identity.Account, "123456789012");

const { computeEnvironmentArn } = await batch.send(new CreateComputeEnvironmentCommand({
  computeEnvironmentName: "node", type: "MANAGED",
  computeResources: {
    type: "EC2", minvCpus: 0, maxvCpus: 4, instanceTypes: ["optimal"], instanceRole: "ecsInstanceRole",
    subnets: ["subnet-1"], securityGroupIds: ["sg-1"],
  },
}));
await batch.send(new CreateJobQueueCommand({
  jobQueueName: "node", priority: 1, computeEnvironmentOrder: [{ order: 1, computeEnvironment: computeEnvironmentArn }],
}));
const { jobDefinitionArn, revision } = await batch.send(new RegisterJobDefinitionCommand({
  jobDefinitionName: "node", type: "container",
  containerProperties: {
    image: "busybox", command: ["/bin/sh", "-c", "Ref::script"],
    resourceRequirements: [{ type: "VCPU", value: "1" }, { type: "MEMORY", value: "256" }],
  },
}));
assert.equal(revision, 1);
assert.ok(jobDefinitionArn.endsWith(":job-definition/node:1"));
const { jobDefinitions } = await batch.send(new DescribeJobDefinitionsCommand({ jobDefinitionName: "node", status: "ACTIVE" }));
assert.equal(jobDefinitions[0].containerProperties.image, "busybox");

const good = await submit("echo hello from $AWS_BATCH_JQ_NAME; echo second", { tags: { purpose: "test" } });
const bad = await submit("exit 7");
const long = await submit("exec sleep 3600");
for (let job; job?.status !== "RUNNING"; await sleep(50)) {
  ({ jobs: [job] } = await batch.send(new DescribeJobsCommand({ jobs: [long] })));
}
await batch.send(new TerminateJobCommand({ jobId: long, reason: "seen enough" }));
const jobs = await ended([good, bad, long]);
assert.deepEqual([jobs[good].status, jobs[good].container.exitCode], ["SUCCEEDED", 0]);
assert.deepEqual([jobs[bad].status, jobs[bad].container.exitCode], ["FAILED", 7]);
assert.deepEqual([jobs[long].status, jobs[long].statusReason, jobs[long].isTerminated], ["FAILED", "seen enough", true]);

// A finished job may be cancelled; what is unknown is silently missing.
await batch.send(new CancelJobCommand({ jobId: good, reason: "too late" }));
assert.deepEqual((await batch.send(new DescribeJobsCommand({ jobs: ["00000000-0000-0000-0000-000000000000"] }))).jobs, []);

const logGroupName = "/aws/batch/job";
const logStreamName = jobs[good].container.logStreamName;
const page = await logs.send(new GetLogEventsCommand({ logGroupName, logStreamName, startFromHead: true }));
assert.deepEqual(page.events.map(event => event.message), ["hello from node", "second"]);
const filtered = await logs.send(new FilterLogEventsCommand({ logGroupName, logStreamNames: [logStreamName], filterPattern: "second" }));
assert.deepEqual(filtered.events.map(event => event.message), ["second"]);
const streams = await logs.send(new DescribeLogStreamsCommand({ logGroupName, logStreamNamePrefix: "node/default/" }));
assert.ok(streams.logStreams.some(stream => stream.logStreamName === logStreamName));

const many = await Promise.all(Array.from({ length: 12 }, () => submit("true")));
await ended(many);
const listed = [];
for await (const { jobSummaryList } of paginateListJobs({ client: batch, pageSize: 5 }, { jobQueue: "node", jobStatus: "SUCCEEDED" })) {
  assert.ok(jobSummaryList.length <= 5);
  listed.push(...jobSummaryList.map(job => job.jobId));
}
assert.deepEqual(new Set(listed), new Set([good, ...many]));

const resourceArn = jobs[good].jobArn;
await batch.send(new TagResourceCommand({ resourceArn, tags: { "a key/with ü": "1" } }));
await batch.send(new UntagResourceCommand({ resourceArn, tagKeys: ["purpose"] }));
assert.deepEqual((await batch.send(new ListTagsForResourceCommand({ resourceArn }))).tags, { "a key/with ü": "1" });

await assert.rejects(submit("true", { jobQueue: "nowhere" }), error => error.name === "ClientException" && error.message.includes("does not exist"));

await batch.send(new DeregisterJobDefinitionCommand({ jobDefinition: jobDefinitionArn }));
await assert.rejects(submit("true"), error => error.message.includes("is not in ACTIVE status"));
await batch.send(new UpdateJobQueueCommand({ jobQueue: "node", state: "DISABLED" }));
await batch.send(new DeleteJobQueueCommand({ jobQueue: "node" }));
while ((await batch.send(new DescribeJobQueuesCommand({ jobQueues: ["node"] }))).jobQueues.length > 0) {
  await sleep(50);
}
await batch.send(new UpdateComputeEnvironmentCommand({ computeEnvironment: "node", state: "DISABLED" }));
await batch.send(new DeleteComputeEnvironmentCommand({ computeEnvironment: "node" }));
assert.deepEqual((await batch.send(new DescribeComputeEnvironmentsCommand({ computeEnvironments: ["node"] }))).computeEnvironments, []);
console.log("the main path is walked");
