"""The main path of a user of boto3: only the endpoint is given."""

import sys
import time

import boto3
from botocore.exceptions import ClientError

endpoint = sys.argv[1]


def client(service):
    return boto3.client(service, endpoint_url=endpoint)


batch, logs, sts = client("batch"), client("logs"), client("sts")


def describe(*ids):
    return batch.describe_jobs(jobs=list(ids))["jobs"]


def until(wanted, *ids):
    while True:
        jobs = describe(*ids)
        assert len(jobs) == len(ids), jobs
        if all(wanted(job) for job in jobs):
            return {job["jobId"]: job for job in jobs}
        time.sleep(0.05)


def ended(*ids):
    return until(lambda job: job["status"] in ("SUCCEEDED", "FAILED"), *ids)


def submit(script, **more):
    request = {"jobName": "python", "jobQueue": "python", "jobDefinition": "python", "parameters": {"script": script}, **more}
    return batch.submit_job(**request)["jobId"]


def refused(text, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == "ClientException", error
        assert text in error.response["Error"]["Message"], error
    else:
        raise AssertionError(f"{arguments} was not refused")


assert sts.get_caller_identity()["Account"] == "123456789012"

batch.create_compute_environment(
    computeEnvironmentName="python",
    type="MANAGED",
    computeResources={
        "type": "EC2",
        "minvCpus": 0,
        "maxvCpus": 4,
        "instanceTypes": ["optimal"],
        "instanceRole": "ecsInstanceRole",
        "subnets": ["subnet-1"],
        "securityGroupIds": ["sg-1"],
    },
)
environment = batch.describe_compute_environments(computeEnvironments=["python"])["computeEnvironments"][0]
assert environment["status"] == "VALID", environment
batch.create_job_queue(
    jobQueueName="python",
    priority=1,
    computeEnvironmentOrder=[{"order": 1, "computeEnvironment": environment["computeEnvironmentArn"]}],
    tags={"owner": "me"},
)
definition = batch.register_job_definition(
    jobDefinitionName="python",
    type="container",
    containerProperties={
        "image": "busybox",
        "command": ["/bin/sh", "-c", "Ref::script"],
        "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "256"}],
        "environment": [{"name": "GREETING", "value": "hello"}],
    },
    retryStrategy={"attempts": 2, "evaluateOnExit": [{"onExitCode": "9", "action": "EXIT"}]},
)
assert definition["revision"] == 1

good = submit("echo $GREETING $AWS_BATCH_CE_NAME; echo attempt $AWS_BATCH_JOB_ATTEMPT")
again = submit("exit 3")
once = submit("exit 9")
long = submit("trap 'exit 0' TERM; while :; do sleep 0.1; done", timeout={"attemptDurationSeconds": 600})
until(lambda job: job["status"] == "RUNNING", long)
batch.terminate_job(jobId=long, reason="seen enough")
jobs = ended(good, again, once)
assert (jobs[good]["status"], jobs[good]["container"]["exitCode"]) == ("SUCCEEDED", 0), jobs[good]
assert (jobs[again]["status"], len(jobs[again]["attempts"])) == ("FAILED", 2), jobs[again]
assert (jobs[once]["status"], len(jobs[once]["attempts"])) == ("FAILED", 1), jobs[once]

stream = jobs[good]["container"]["logStreamName"]
page = logs.get_log_events(logGroupName="/aws/batch/job", logStreamName=stream, startFromHead=True)
assert [event["message"] for event in page["events"]] == ["hello python", "attempt 1"], page
last = logs.get_log_events(logGroupName="/aws/batch/job", logStreamName=stream, nextToken=page["nextForwardToken"], startFromHead=True)
assert last["events"] == [] and last["nextForwardToken"] == page["nextForwardToken"], last
found = [
    event["message"]
    for part in logs.get_paginator("filter_log_events").paginate(logGroupName="/aws/batch/job", logStreamNamePrefix="python/", filterPattern="hello")
    for event in part["events"]
]
assert found == ["hello python"], found
groups = logs.describe_log_groups(logGroupNamePrefix="/aws/batch")["logGroups"]
assert [group["logGroupName"] for group in groups] == ["/aws/batch/job"], groups

failed = {
    job["jobId"]
    for part in batch.get_paginator("list_jobs").paginate(jobQueue="python", jobStatus="FAILED", PaginationConfig={"PageSize": 1})
    for job in part["jobSummaryList"]
}
assert failed >= {again, once}, failed

queue = batch.describe_job_queues(jobQueues=["python"])["jobQueues"][0]
batch.tag_resource(resourceArn=queue["jobQueueArn"], tags={"a key/with ü": "1"})
batch.untag_resource(resourceArn=queue["jobQueueArn"], tagKeys=["owner"])
assert batch.list_tags_for_resource(resourceArn=queue["jobQueueArn"])["tags"] == {"a key/with ü": "1"}

refused("does not exist", batch.submit_job, jobName="x", jobQueue="nowhere", jobDefinition="python")
assert describe("00000000-0000-0000-0000-000000000000") == []
end = ended(long)[long]
assert (end["status"], end["statusReason"], end["container"]["exitCode"]) == ("FAILED", "seen enough", 0), end

batch.deregister_job_definition(jobDefinition=definition["jobDefinitionArn"])
refused("is not in ACTIVE status", submit, script="true")
batch.update_job_queue(jobQueue="python", state="DISABLED")
batch.delete_job_queue(jobQueue="python")
while batch.describe_job_queues(jobQueues=["python"])["jobQueues"]:
    time.sleep(0.05)
refused("state must be DISABLED", batch.delete_compute_environment, computeEnvironment="python")
batch.update_compute_environment(computeEnvironment="python", state="DISABLED")
batch.delete_compute_environment(computeEnvironment="python")
assert batch.describe_compute_environments(computeEnvironments=["python"])["computeEnvironments"] == []
print("the main path is walked")
