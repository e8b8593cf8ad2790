"""Runs the aws command, as it is installed, in a fork for each line of standard input.

What a fork runs is the command's own main; it only begins with the command loaded, which otherwise takes half a second of processor time each.
A line: {"id": "1", "arguments": ["batch", ...], "result": "/path"}. The result is written as JSON, then the id is printed.
"""

import json
import os
import sys

import awscli.clidriver

awscli.clidriver.create_clidriver()  # loads everything that a command may want


def run(arguments, output, error):
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(output, 1)
    os.dup2(error, 2)
    sys.argv = ["aws", *arguments]
    code = 1
    try:
        code = awscli.clidriver.main() or 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def answer(line):
    asked = json.loads(line)
    files = {name: asked["result"] + "." + name for name in ("output", "error")}
    handles = {name: os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600) for name, path in files.items()}
    command = os.fork()
    if command == 0:
        run(asked["arguments"], handles["output"], handles["error"])
    code = os.waitstatus_to_exitcode(os.waitpid(command, 0)[1])
    texts = {name: open(path, encoding="utf-8").read() for name, path in files.items()}
    with open(asked["result"], "w", encoding="utf-8") as result:
        json.dump({"code": code, **texts}, result)
    os.write(1, (asked["id"] + "\n").encode())
    os._exit(0)


while line := sys.stdin.readline():
    if os.fork() == 0:
        answer(line)
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass
