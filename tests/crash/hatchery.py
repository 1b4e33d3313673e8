"""A process that has loaded everything and forks executors that die where they are told to.

Run as `python -m tests.crash.hatchery`; it takes one JSON object a line and answers with one: `{"point": null}`
hatches an executor that lives, `{"point": "after the claim", "depth": 1}` one that dies there in a run that was
called, `{"host": true}` a whole worker host with its django-q2 cluster, each answered with its pid;
`{"pid": n}` asks for the status it ended with, null while it lives.
"""

import asyncio
import gc
import json
import os
import sys

import django
from django.conf import settings


def main() -> None:
    django.setup()
    from flows.nodes.installed import add_modules, catalogue
    from flows.runtime import supervisor, verbs
    from flows.runtime.alone import NURSERY, Nursery
    from tests.crash import stagehands

    add_modules(stagehands.TYPES)
    catalogue()
    assert supervisor is not None  # loaded here, so that a fork needn't
    verbs.install(stagehands.Verbs())
    settings.MULGIL["sinks"] = {"world": "tests.crash.stagehands.World"}
    gc.freeze()
    nursery = Nursery()
    os.environ[NURSERY] = nursery.path
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        nursery.look()
        asked = json.loads(line)
        answer = _ended(asked["pid"]) if "pid" in asked else {"pid": _hatch(**asked)}
        print(json.dumps(answer), flush=True)


def _ended(pid: int) -> dict[str, int | None]:
    ended, status = os.waitpid(pid, os.WNOHANG)
    return {"status": os.waitstatus_to_exitcode(status) if ended else None}


def _hatch(point: str | None = None, depth: int = 0, *, skew: int = 0, host: bool = False) -> int:
    parent = os.getpid()
    child = os.fork()
    if child:
        return child
    try:
        if host:
            _be_a_host(parent)
        _be_an_executor(parent, point, depth, skew)
    finally:
        os._exit(1)


def _be_a_host(parent: int) -> None:
    from flows.runtime.process import die_with_parent
    from flows.runtime.supervisor import Supervisor

    die_with_parent(parent)
    os.setpgid(0, 0)
    os._exit(Supervisor().run())


def _be_an_executor(parent: int, point: str | None, depth: int, skew: int) -> None:
    from flows.runtime.board import Board
    from flows.runtime.executor import Executor, Pace
    from flows.runtime.process import die_with_parent
    from flows.runtime.relay import Relay
    from flows.runtime.station import Station
    from tests.crash import stagehands
    from tests.crash.failpoints import arm

    die_with_parent(parent)
    if point is not None:
        arm(point, depth)
    stagehands.tell_of_refusals()
    stagehands.tell_of_claims()
    Relay().start()

    async def work() -> None:
        executor = Executor(Station(clock=stagehands.WrongClock(skew)), Board(), Pace(look=0.1))
        while True:
            await executor.turn()

    asyncio.run(work())


if __name__ == "__main__":
    main()
