"""The node types of the crash tests, and the world their effects reach: a file, a line for each time."""

import asyncio
import os
from pathlib import Path
from typing import Any, Final

from flows.nodes.base import Critical, Effect, Json, NodeConfig, Step
from tests.crash.failpoints import hit
from tests.runtime.nodes import Catalogue, Nothing, make

WORLD: Final = "MULGIL_TEST_WORLD"


class Sent(NodeConfig):
    value: Any = None


async def effect(config: Sent, step: Step) -> Json:
    """Reach the world, and die on either side of it where that is wanted."""
    await asyncio.sleep(0)  # as what reaches out does; a node that never waits is performed in passing
    undoes = step.key.startswith("refund")
    hit("before the undo's effect" if undoes else "inside the node")
    tell("effect", step.idempotency_key, str(config.value))
    hit("after the undo's effect" if undoes else "after the effect")
    return {"sent": config.value}


async def draw(config: Nothing, step: Step) -> Json:
    return {"value": os.urandom(8).hex()}


async def alarm(config: Nothing, step: Step) -> Json:
    raise Critical("a person should look")


CATALOGUE: Final = Catalogue(
    make(effect, Effect.KEYED, "test.effect"),
    make(draw, Effect.READ, "test.draw"),
    make(alarm, Effect.PURE, "test.alarm"),
)


class Verbs:
    """What the relay asks of the product: messages reach the same world."""

    def tick(self, now: int) -> int | None:
        return None

    def deliver(self, topic: str, key: str, payload: Json) -> None:
        tell(topic, key, "")


def tell(*words: str) -> None:
    """One line, whole or not at all."""
    world = os.open(os.environ[WORLD], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(world, f"{' '.join(words)}\n".encode())
    os.close(world)


def told(world: Path, what: str) -> list[list[str]]:
    """The lines of one kind: key and value of each."""
    lines = world.read_text().splitlines() if world.exists() else []
    return [line.split(" ")[1:] for line in lines if line.startswith(f"{what} ")]
