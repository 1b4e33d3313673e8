"""Playing a document on the executor, on PostgreSQL, with mocked attempts and a clock that jumps."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connection
from pydantic import BaseModel, ConfigDict

from flows.engine.events import AlertRaised
from flows.engine.mocks import Mocks
from flows.engine.mocks import play as mocked
from flows.engine.outcomes import Failed
from flows.errors import MulgilError
from flows.models import Alert, Run
from flows.nodes.base import Answer, NodeType, Step
from flows.nodes.errors import NotSent
from flows.nodes.installed import catalogue
from flows.runtime.clock import VirtualClock
from flows.runtime.executor import Executor, Pace
from flows.security.safejson import Json
from tests.engine.expectations import Played
from tests.runtime.house import executing, journal, publish, start

THEMSELVES = frozenset({"flow.wait", "flow.stop", "flow.signal", "flow.approval"})
PATIENT = Pace(look=0.05, linger=30.0, slice=60.0)


class AnyConfig(BaseModel):
    model_config = ConfigDict(extra="allow")


class Mocked(MulgilError):
    """{words}"""


class Stage:
    """The installed node types, with functions that play the mocks."""

    def __init__(self, mocks: Mocks, clock: VirtualClock) -> None:
        self._mocks = mocks
        self._clock = clock
        self._turns: Counter[str] = Counter()

    def get(self, name: str) -> NodeType | None:
        found = catalogue().get(name)
        if found is None or not is_mocked(found):
            return found
        return replace(found, function=self._play, config=AnyConfig, credential=None, is_async=True)

    def names(self) -> Iterable[str]:
        return catalogue().names()

    async def _play(self, config: AnyConfig, step: Step) -> Answer:
        outcome, duration = mocked(self._mocks, step.key, self._turns[step.key])
        self._turns[step.key] += 1
        if duration:
            await self._clock.sleep(duration)
        if isinstance(outcome, Failed):
            if outcome.not_sent:
                raise NotSent(outcome.error.message)
            raise _error(outcome.error)
        return Answer(outcome.output, outcome.port)  # type: ignore[union-attr]  # mocks succeed or fail


def _error(info: Any) -> Mocked:
    error = Mocked(words=info.message)
    error.code, error.klass = info.code, info.klass  # type: ignore[misc]  # of this one error
    return error


def is_mocked(node_type: NodeType) -> bool:
    return node_type.role == "task" and node_type.name not in THEMSELVES


def without_expressions(value: Json) -> Json:
    """The config of a mocked step isn't resolved: its expressions may look at what isn't there."""
    if isinstance(value, dict):
        return {name: without_expressions(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [without_expressions(inner) for inner in value]
    return "mocked" if isinstance(value, str) and "{{" in value else value


def staged(document: Mapping[str, Any]) -> dict[str, Any]:
    nodes = []
    for node in document["nodes"]:
        found = catalogue().get(node["type"])
        mocked_config = {"config": without_expressions(node.get("config", {}))}
        nodes.append(node | (mocked_config if found is not None and is_mocked(found) else {}))
    return {**document, "nodes": nodes}


def play(vector: dict[str, Any]) -> Played:
    """Play a vector to its end."""
    trigger = next(node["id"] for node in vector["document"]["nodes"] if node["type"].startswith("trigger."))
    run = start(publish(staged(vector["document"])), vector["input"], trigger=trigger)
    asyncio.run(_played(vector, run))
    run.refresh_from_db()
    events = journal(run)
    error = next((event.error for event in events if type(event).__name__ == "RunFailed"), None)
    assert Alert.objects.filter(run_id=run.pk).count() == sum(isinstance(event, AlertRaised) for event in events)
    return Played(
        journal=events,
        status=run.status,
        output=next((event.output for event in events if type(event).__name__ == "RunSucceeded"), None),
        error=error,  # type: ignore[arg-type]  # of the one kind that has it
        alerts=Alert.objects.filter(run_id=run.pk).count(),
        finished_at=events[-1].at - events[0].at if run.finished_at else None,
    )


async def _played(vector: dict[str, Any], run: Run) -> None:
    clock = VirtualClock()
    stage = Stage(vector["mocks"], clock)
    async with executing(clock=clock, catalogue=stage, pace=PATIENT) as executor:  # type: ignore[arg-type]  # a stage is a catalogue by its methods
        turn = asyncio.ensure_future(executor.turn())
        try:
            while not turn.done():
                await asyncio.sleep(0)
                if not await _is_still(executor, clock):
                    await asyncio.sleep(0.001)
                elif not _jump(executor, clock) and await _is_over(run):
                    break
        finally:
            executor.stop()
            await turn


async def _is_still(executor: Executor, clock: VirtualClock) -> bool:
    """Whether only a jump of the clock can make anything happen."""
    drivers = executor.drivers
    return (
        executor.is_waiting
        and all(driver.is_idle for driver in drivers)
        and sum(driver.sleeping for driver in drivers) == clock.sleepers
    )


def _jump(executor: Executor, clock: VirtualClock) -> bool:
    due = [instant for instant in (clock.next_alarm(), executor.next_due) if instant is not None]
    if not due:
        return False
    clock.jump(min(due))
    executor.look()
    return True


@sync_to_async
def _is_over(run: Run) -> bool:
    try:
        return Run.objects.filter(pk=run.pk, finished_at__isnull=False).exists()
    finally:
        connection.close()
