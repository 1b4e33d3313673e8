"""The node types of the crash tests, and the world their effects reach: a file, a line for each time."""

import asyncio
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from flows.errors import MulgilError
from flows.journal.log import RunLog
from flows.nodes.base import Critical, Effect, Json, NodeConfig, Step
from flows.runtime.claims import Claimed, Claims
from flows.runtime.clock import SystemClock
from flows.runtime.sinks import Outgoing
from flows.security.credentials import Credential
from flows.triggers.tick import ProductVerbs
from tests.crash.failpoints import hit
from tests.runtime.nodes import Catalogue, Nothing, make

WORLD: Final = "MULGIL_TEST_WORLD"


class Sent(NodeConfig):
    value: Any = None


async def effect(config: Sent, step: Step) -> Json:
    """Reach the world, and die on either side of it where that is wanted."""
    await asyncio.sleep(0)  # as what reaches out does; a node that never waits is performed in passing
    undoes = "refund" in step.key
    hit("before the undo's effect" if undoes else "inside the node", step.key)
    tell("effect", step.idempotency_key, str(config.value))
    hit("after the undo's effect" if undoes else "after the effect", step.key)
    return {"sent": config.value}


async def draw(config: Nothing, step: Step) -> Json:
    return {"value": os.urandom(8).hex()}


async def hold(config: Sent, step: Step) -> Json:
    """Say that it is here, then wait until it may go on."""
    tell("holding", step.idempotency_key, str(os.getpid()))
    while not may_go_on():
        await asyncio.sleep(0.02)
    tell("effect", step.idempotency_key, str(config.value))
    return {"sent": config.value}


async def oblige(config: Sent, step: Step) -> Json:
    """Say that it is here, and end when it is told to."""
    tell("holding", step.idempotency_key, str(os.getpid()))
    await step.until_cancelled()
    return {"told": True}


def oblige_in_thread(config: Sent, step: Step) -> Json:
    """The same for what can't be cut."""
    tell("holding", step.idempotency_key, str(os.getpid()))
    while not step.cancelled:
        time.sleep(0.002)
    return {"told": True}


async def greedy(config: Nothing, step: Step) -> Json:
    """Take memory, and touch it, until somebody ends this."""
    taken = []
    while True:
        taken.append(b"x" * 8_000_000)
        await asyncio.sleep(0.005)


async def alarm(config: Nothing, step: Step) -> Json:
    raise Critical("a person should look")


TYPES: Final = (
    make(effect, Effect.KEYED, "test.effect"),
    make(hold, Effect.KEYED, "test.hold"),
    make(oblige, Effect.KEYED, "test.oblige"),
    make(oblige_in_thread, Effect.KEYED, "test.oblige_in_thread"),
    make(draw, Effect.READ, "test.draw"),
    make(alarm, Effect.PURE, "test.alarm"),
    make(greedy, Effect.PURE, "test.greedy"),
)
CATALOGUE: Final = Catalogue(*TYPES)


def may_go_on() -> bool:
    return Path(f"{os.environ[WORLD]}.go").exists()


class WrongClock(SystemClock):
    """The machine's clock, so many microseconds ahead."""

    def __init__(self, skew: int) -> None:
        self._skew = skew

    def now(self) -> int:
        return super().now() + self._skew


class Verbs(ProductVerbs):
    """The product's own, but that no schedule ticks and messages reach the same world."""

    def tick(self, now: int) -> int | None:
        return None

    def deliver(self, topic: str, key: str, payload: Json) -> None:
        tell(topic, key, "")


class World:
    """A sink of these tests: published messages reach the same world."""

    def deliver(self, message: Outgoing, config: Mapping[str, Any], credential: Credential | None) -> None:
        tell("published", str(message.id), message.body.decode())


def tell_of_refusals() -> None:
    """Have the world know when this process is refused a write."""
    original = RunLog.fail

    def fail(self: RunLog, failure: MulgilError) -> None:
        tell("refused", str(self.run), type(failure).__name__)
        original(self, failure)

    RunLog.fail = fail  # type: ignore[method-assign]  # of this process alone


def tell_of_claims() -> None:
    """Have the world know which runs this process takes."""
    original = Claims._take

    async def take(self: Claims, *given: Any, **values: Any) -> list[Claimed]:
        taken = await original(self, *given, **values)
        if taken:
            tell("claimed", str(os.getpid()), *(str(run.id) for run in taken))
        return taken

    Claims._take = take  # type: ignore[method-assign]  # of this process alone


def tell(*words: str) -> None:
    """One line, whole or not at all."""
    world = os.open(os.environ[WORLD], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(world, f"{' '.join(words)}\n".encode())
    os.close(world)


def told(world: Path, what: str) -> list[list[str]]:
    """The lines of one kind: key and value of each."""
    lines = world.read_text().splitlines() if world.exists() else []
    return [line.split(" ")[1:] for line in lines if line.startswith(f"{what} ")]
