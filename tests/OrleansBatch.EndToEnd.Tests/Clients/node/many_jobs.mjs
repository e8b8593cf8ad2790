// CancelJobs and TerminateJobs by the AWS SDK for JavaScript, on jobs in every state, unknown ones and ids that are none.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  BatchClient, CancelJobsCommand, CreateComputeEnvironmentCommand, CreateJobQueueCommand, DescribeJobsCommand,
  RegisterJobDefinitionCommand, SubmitJobCommand, TerminateJobsCommand,
} from "@aws-sdk/client-batch";

const batch = new BatchClient({});

const describe = async (...ids) => {
  const { jobs } = await batch.send(new DescribeJobsCommand({ jobs: ids }));
  assert.equal(jobs.length, ids.length);
  return jobs;
};

async function until(status, ...ids) {
  while (!(await describe(...ids)).every(job => job.status === status)) {
    await sleep(50);
  }
}

const submit = async (script, more = {}) => (await batch.send(new SubmitJobCommand({
  jobName: "many", jobQueue: "many", jobDefinition: "many", parameters: { script }, ...more,
}))).jobId;

// One vCPU: while one job holds it, the next waits.
await batch.send(new CreateComputeEnvironmentCommand({
  computeEnvironmentName: "many", type: "MANAGED",
  computeResources: {
    type: "EC2", minvCpus: 0, maxvCpus: 1, instanceTypes: ["optimal"], instanceRole: "ecsInstanceRole",
    subnets: ["subnet-1"], securityGroupIds: ["sg-1"],
  },
}));
await batch.send(new CreateJobQueueCommand({
  jobQueueName: "many", priority: 1, computeEnvironmentOrder: [{ order: 1, computeEnvironment: "many" }],
}));
await batch.send(new RegisterJobDefinitionCommand({
  jobDefinitionName: "many", type: "container",
  containerProperties: {
    image: "busybox", command: ["/bin/sh", "-c", "Ref::script"],
    resourceRequirements: [{ type: "VCPU", value: "1" }, { type: "MEMORY", value: "64" }],
  },
}));

const succeeded = await submit("exit 0");
await until("SUCCEEDED", succeeded);
const running = await submit("exec sleep 3600", { retryStrategy: { attempts: 3 } });
await until("RUNNING", running);
const pending = await submit("exit 0", { dependsOn: [{ jobId: running }] });
const runnable = await submit("exit 0");
const array = await submit("exit 0", { arrayProperties: { size: 3 } });
await until("RUNNABLE", runnable);

// Cancelled: one child and one id that is none; what runs goes on.
const cancelled = await batch.send(new CancelJobsCommand({ jobs: [`${array}:1`, "nonsense", `${running}#0`], reason: "one child" }));
assert.deepEqual(cancelled.successful, [`${array}:1`]);
assert.deepEqual(cancelled.errors.map(error => [error.job, error.code]), [["nonsense", "ValidationException"], [`${running}#0`, "ClientException"]]);
const [child, parent] = await describe(`${array}:1`, array);
assert.deepEqual([child.status, child.statusReason, child.isCancelled], ["FAILED", "one child", true]);
assert.deepEqual([parent.status, parent.arrayProperties.statusSummary.FAILED], ["PENDING", 1]);

// Fifty at once: forty-nine are taken, whatever they are.
const real = [running, pending, runnable, succeeded, array];
const unknown = Array.from({ length: 44 }, () => randomUUID());
const terminated = await batch.send(new TerminateJobsCommand({ jobs: [...real, "malformed", ...unknown], reason: "enough" }));
assert.deepEqual([...terminated.successful].sort(), [...real, ...unknown].sort());
assert.deepEqual(terminated.errors.map(error => [error.job, error.code]), [["malformed", "ValidationException"]]);

// At once for what had not started.
const [waited, queued, before, whole] = await describe(pending, runnable, succeeded, array);
for (const job of [waited, queued, whole]) {
  assert.deepEqual([job.status, job.statusReason, job.isTerminated, job.attempts.length], ["FAILED", "enough", true, 0]);
}
assert.deepEqual([before.status, before.isTerminated], ["SUCCEEDED", false]);
assert.equal(whole.arrayProperties.statusSummary.FAILED, 3);
await until("FAILED", running);
const [stopped] = await describe(running);
assert.deepEqual([stopped.statusReason, stopped.container.exitCode, stopped.attempts.length], ["enough", 143, 1]);

for (const jobs of [[], Array(51).fill(running)]) {
  await assert.rejects(batch.send(new TerminateJobsCommand({ jobs, reason: "enough" })), error => error.name === "ClientException");
}

console.log("the main path is walked");
