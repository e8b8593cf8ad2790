"""Jobs that wait for jobs, by boto3: a chain, its failure, and arrays child by child."""

import sys
import time

import boto3

batch = boto3.client("batch", endpoint_url=sys.argv[1])


def describe(*ids):
    jobs = {job["jobId"]: job for job in batch.describe_jobs(jobs=list(ids))["jobs"]}
    assert len(jobs) == len(ids), jobs
    return [jobs[job_id] for job_id in ids]


def ended(*ids):
    while True:
        jobs = describe(*ids)
        if all(job["status"] in ("SUCCEEDED", "FAILED") for job in jobs):
            return jobs
        time.sleep(0.05)


def submit(script, **more):
    request = {"jobName": "python", "jobQueue": "python", "jobDefinition": "python", "parameters": {"script": script}, **more}
    return batch.submit_job(**request)["jobId"]


def indexes(array, status):
    pages = batch.get_paginator("list_jobs").paginate(arrayJobId=array, jobStatus=status)
    return sorted(job["arrayProperties"]["index"] for page in pages for job in page["jobSummaryList"])


batch.create_compute_environment(
    computeEnvironmentName="python",
    type="MANAGED",
    computeResources={
        "type": "EC2",
        "minvCpus": 0,
        "maxvCpus": 16,
        "instanceTypes": ["optimal"],
        "instanceRole": "ecsInstanceRole",
        "subnets": ["subnet-1"],
        "securityGroupIds": ["sg-1"],
    },
)
batch.create_job_queue(jobQueueName="python", priority=1, computeEnvironmentOrder=[{"order": 1, "computeEnvironment": "python"}])
batch.register_job_definition(
    jobDefinitionName="python",
    type="container",
    containerProperties={
        "image": "busybox",
        "command": ["/bin/sh", "-c", "Ref::script"],
        "resourceRequirements": [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "64"}],
    },
)

# A chain: each begins when the one before it has ended.
first = submit("sleep 0.3")
second = submit("sleep 0.3", dependsOn=[{"jobId": first, "type": "SEQUENTIAL"}])
third = submit("exit 0", dependsOn=[{"jobId": second}])
assert describe(third)[0]["status"] == "PENDING", describe(third)
one, two, three = ended(first, second, third)
assert [job["status"] for job in (one, two, three)] == ["SUCCEEDED"] * 3, (one, two, three)
assert one["stoppedAt"] <= two["startedAt"] and two["stoppedAt"] <= three["startedAt"], (one, two, three)
assert three["dependsOn"] == [{"jobId": second}], three

# A failure goes down the chain.
bad = submit("sleep 0.3; exit 1")
after = submit("exit 0", dependsOn=[{"jobId": bad}])
last = submit("exit 0", dependsOn=[{"jobId": after}, {"jobId": first}])
for job in ended(after, last):
    assert (job["status"], job["statusReason"], job["attempts"]) == ("FAILED", "Dependent Job failed", []), job

# Child by child: what failed there fails here, and nothing else.
left = submit("sleep 0.2; [ $AWS_BATCH_JOB_ARRAY_INDEX != 1 ]", arrayProperties={"size": 4})
right = submit("exit 0", arrayProperties={"size": 4}, dependsOn=[{"jobId": left, "type": "N_TO_N"}])
left_end, right_end = ended(left, right)
assert (left_end["status"], left_end["statusReason"]) == ("FAILED", "Array Child Job failed"), left_end
assert (indexes(left, "FAILED"), indexes(right, "FAILED")) == ([1], [1]), (left_end, right_end)
assert indexes(right, "SUCCEEDED") == [0, 2, 3], right_end
assert describe(f"{right}:1")[0]["statusReason"] == "Dependent Job failed"
assert right_end["dependsOn"] == [{"jobId": left, "type": "N_TO_N"}], right_end
before, behind = describe(f"{left}:3", f"{right}:3")
assert before["stoppedAt"] <= behind["startedAt"], (before, behind)

# One after the other inside an array, until one fails.
row = submit("[ $AWS_BATCH_JOB_ARRAY_INDEX != 2 ]", arrayProperties={"size": 5}, dependsOn=[{"type": "SEQUENTIAL"}])
ended(row)
assert (indexes(row, "SUCCEEDED"), indexes(row, "FAILED")) == ([0, 1], [2, 3, 4])
zero, one = describe(f"{row}:0", f"{row}:1")
assert zero["stoppedAt"] <= one["startedAt"], (zero, one)

print("the main path is walked")
