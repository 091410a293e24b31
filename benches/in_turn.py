#!/usr/bin/env python3
"""Times commands in turn: one run of each in every round, in another order each time.

A machine's clock and caches change within seconds. What runs next to each other meets the same of them, so that the
ratios of one run hold; a program that times one command after the other compares a fast minute with a slow one.

    in_turn.py [--ignore-failure] [--warmup ROUNDS] [--prepare COMMAND] --rounds ROUNDS --export RESULTS \
        NAME COMMAND [NAME COMMAND]...

RESULTS becomes a JSON document: of each command its name (`command`) and its times in seconds (`min`, `median`).
Commands are started without a shell; what they print is dropped. `--prepare` is run before each of them.
"""

import argparse
import json
import os
import random
import shlex
import shutil
import statistics
import sys
import time

QUIET = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_WRONLY, 0) for stream in (1, 2)]


def run(words: list[str]) -> tuple[float, int]:
    """The seconds that a command takes, and its exit status."""
    begin = time.perf_counter()
    child = os.posix_spawn(words[0], words, os.environ, file_actions=QUIET)
    _, status = os.waitpid(child, 0)
    return time.perf_counter() - begin, os.waitstatus_to_exitcode(status)


def words_of(command: str) -> list[str]:
    words = shlex.split(command)
    program = shutil.which(words[0]) or sys.exit(f"{words[0]} is missing")
    return [program, *words[1:]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ignore-failure", action="store_true")
    parser.add_argument("--warmup", type=int, default=2)
    parser.add_argument("--prepare", type=words_of)
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--export", required=True)
    parser.add_argument("commands", nargs="+")
    asked = parser.parse_args()
    if len(asked.commands) % 2:
        parser.error("each command needs a name before it")
    names = asked.commands[::2]
    commands = [words_of(command) for command in asked.commands[1::2]]
    times: list[list[float]] = [[] for _ in commands]
    order = list(range(len(commands)))
    for number in range(-asked.warmup, asked.rounds):
        random.shuffle(order)
        for at in order:
            # What is not prepared is not what is to be measured.
            if asked.prepare and run(asked.prepare)[1] != 0:
                sys.exit(f"this failed: {shlex.join(asked.prepare)}")
            seconds, status = run(commands[at])
            if status != 0 and not asked.ignore_failure:
                sys.exit(f"{names[at]} ended with {status}: {shlex.join(commands[at])}")
            if number >= 0:
                times[at].append(seconds)
    results = [
        {"command": name, "min": min(seconds), "median": statistics.median(seconds)}
        for name, seconds in zip(names, times)
    ]
    with open(asked.export, "w", encoding="utf-8") as file:
        json.dump({"results": results}, file)


if __name__ == "__main__":
    main()
