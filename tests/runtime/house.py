"""A small house for the runtime's tests: a workspace, flows, runs put into the queue, and executors to drive them."""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Iterator
from itertools import count, pairwise
from typing import Any
from uuid import UUID

from django.utils import timezone

from flows.engine.events import Event
from flows.journal.codec import decode
from flows.models import Event as EventRow
from flows.models import Flow, Inbox, Run, Version, Workspace
from flows.operations import numbers
from flows.runtime.board import Board
from flows.runtime.executor import Executor, Pace
from flows.runtime.station import Station
from flows.security import safejson

_numbers: Iterator[int] = count(1)

QUICK = Pace(look=0.05, linger=0.05, slice=20.0, grace=0.2)


def workspace(slug: str = "house") -> Workspace:
    return Workspace.objects.get_or_create(slug=slug, defaults={"name": slug})[0]


def publish(document: dict[str, Any], *, home: Workspace | None = None) -> Version:
    """A flow with one version."""
    flow = Flow.objects.create(workspace=home or workspace(), name=document.get("name", "flow"))
    text = safejson.dumps(document)
    return Version.objects.create(flow=flow, number=1, document=text, hash=hashlib.sha256(text.encode()).hexdigest())


def publish_for_calls(document: dict[str, Any]) -> Version:
    """A flow that other flows may call: its runs have numbers of their own."""
    version = publish(document)
    numbers.begin(version.flow_id)
    return version


def start(version: Version, input: Any = None, *, trigger: str = "start", **fields: Any) -> Run:
    """Put a run into the queue, as a start does."""
    return Run.objects.create(
        workspace_id=version.flow.workspace_id,
        flow_id=version.flow_id,
        version=version,
        document_hash=version.hash,
        number=next(_numbers),
        trigger=trigger,
        input=safejson.dumps({} if input is None else input),
        created_at=timezone.now(),
        **fields,
    )


def send(run: Run, kind: str, payload: Any = None, *, name: str = "", key: str | None = None) -> None:
    """Put a letter into the run's inbox, as steering does."""
    Inbox.objects.create(run=run, kind=kind, name=name, key=key, payload=safejson.dumps(payload or {}))
    Run.objects.filter(pk=run.pk).update(mail=Run.objects.get(pk=run.pk).mail + 1)


def chain(length: int, node: dict[str, Any] | None = None) -> dict[str, Any]:
    """A trigger and so many equal nodes, one after the other."""
    body = node or {"type": "data.set", "config": {"fields": {"n": 1}}}
    nodes = [{"id": "start", "type": "trigger.manual"}, *({"id": f"n{i}"} | body for i in range(length))]
    edges = [{"from": before["id"], "to": after["id"]} for before, after in pairwise(nodes)]
    return {"dsl": 1, "name": "chain", "nodes": nodes, "edges": edges}


def journal(run: Run | UUID) -> list[Event]:
    rows = EventRow.objects.filter(run_id=run if isinstance(run, UUID) else run.pk).order_by("seq")
    return [decode(row.kind, row.step, row.at, row.data) for row in rows]


def kinds(run: Run) -> list[str]:
    return list(EventRow.objects.filter(run=run).order_by("seq").values_list("kind", flat=True))


@contextlib.asynccontextmanager
async def executing(*, pace: Pace = QUICK, queues: Any = ("default",), **given: Any) -> AsyncIterator[Executor]:
    """An executor on this loop, left in order."""
    station = Station(queues, **given)
    executor = Executor(station, Board(), pace)
    try:
        yield executor
    finally:
        if station.is_open:
            await station.close()


async def vanish(executor: Executor) -> None:
    """The process behind an executor is no more."""
    lease = executor._station._lease  # a death has no lawful way
    assert lease._beating is not None
    lease._beating.cancel()
    assert lease._connection is not None
    await lease._connection.close()


def die_in_mid_step(catalogue: Any, **given: Any) -> None:
    """An executor that takes what there is, is in the middle of a step, and is no more."""

    async def dies() -> None:
        async with executing(catalogue=catalogue, **given) as executor:
            turn = asyncio.ensure_future(executor.turn())
            while not any(driver.sleeping for driver in executor.drivers):
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.05)
            await vanish(executor)
            turn.cancel()
            await asyncio.wait([turn])

    asyncio.run(dies())


def drive(**given: Any) -> None:
    """One turn of an executor: all that is ready, to where it can be left."""

    async def turn() -> None:
        async with executing(**given) as executor:
            await executor.turn()

    asyncio.run(turn())
