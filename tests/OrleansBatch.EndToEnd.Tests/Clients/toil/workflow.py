"""A workflow of three levels. Each job leaves a file as it starts; the last level waits for a gate."""

import os
import time

from toil.common import Toil
from toil.job import Job

WITNESSES = os.environ["WITNESSES"]
NEEDS = {"memory": "256M", "cores": 1, "disk": "100M"}


def witness(name):
    with open(os.path.join(WITNESSES, name), "a") as file:
        file.write("started\n")


def last(job, number):
    witness(f"last-{number}")
    while not os.path.exists(os.path.join(WITNESSES, "gate")):
        time.sleep(0.05)
    return number * number


def middle(job, number):
    witness(f"middle-{number}")
    return [job.addChildJobFn(last, 10 * number + i, **NEEDS).rv() for i in range(2)]


def first(job):
    witness("first")
    return [job.addChildJobFn(middle, number, **NEEDS).rv() for number in range(2)]


if __name__ == "__main__":
    options = Job.Runner.getDefaultArgumentParser().parse_args()
    with Toil(options) as toil:
        print("result", toil.restart() if options.restart else toil.start(Job.wrapJobFn(first, **NEEDS)))
