"""The node of simulated flows: it takes a while, reaches into the world in the midst of it, and comes to what chance says.

It decides nothing: the world it runs in does, which it finds by the loop it runs on.
"""

import asyncio
from collections.abc import Iterable
from typing import Any, Final, cast

from flows.dsl.catalogue import NodeType as AnyNodeType
from flows.nodes.base import Again, Effect, Json, NodeConfig, NodeType, Step, node
from flows.nodes.installed import catalogue
from flows.runtime.simulation.process import ProcessLoop


class TaskConfig(NodeConfig):
    """`of`: what it sends; `url`: where; `poison`: it kills whoever performs it; `fails`: it never succeeds.

    `large`: which of the large values it answers with. `goes`: so many more times it is called before it is done;
    `farewell`: and once more, where it is cut in between.
    """

    of: Any = None
    url: str | None = None
    poison: bool = False
    fails: bool = False
    large: int | None = None
    goes: int = 0
    farewell: bool = False


@node("sim.task", label="task", icon="bug", category="simulation", effect=Effect.READ, credential="simulated")
async def task(config: TaskConfig, step: Step) -> Json | Again:
    """Reach into the simulated world."""
    process = cast("ProcessLoop", asyncio.get_running_loop()).process
    answer: Json | Again = await process.world.perform(process, config, step)
    return answer


class Simulated:
    """The installed node types and the simulation's own."""

    def __init__(self, *types: NodeType) -> None:
        self._types = {one.name: one for one in types}

    def get(self, name: str) -> AnyNodeType | None:
        return self._types.get(name) or catalogue().get(name)

    def names(self) -> Iterable[str]:
        return [*catalogue().names(), *self._types]


CATALOGUE: Final = Simulated(task)
