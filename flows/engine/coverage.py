"""How much of a flow its tests reach: every node, and every port a step can leave by.

Decided here: what counts as reached, from the plan and the events of the played cases alone. How a case is played
and whether it holds is no business of this module. A node that is switched off counts nowhere, no test could reach
it; a node is reached when something of it happened, a port when a step left by it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from flows.engine.compile import COMPENSATE, ERROR
from flows.engine.events import (
    Event,
    RunStarted,
    StepCancelled,
    StepCompensated,
    StepFailed,
    StepLetGo,
    StepResolved,
    StepSkipped,
    StepSucceeded,
)
from flows.engine.plan import NodePlan, Plan


@dataclass(frozen=True, slots=True)
class Place:
    """A node, or with `port` one of the ways out of it."""

    node: str
    port: str | None = None

    def __str__(self) -> str:
        return self.node if self.port is None else f"{self.node}.{self.port}"


@dataclass(frozen=True, slots=True)
class Covered:
    """A place and how many cases reached it."""

    place: Place
    cases: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """Every place of a flow, node by node in the document's order, its ports after it."""

    covered: Sequence[Covered]

    @property
    def nodes(self) -> Sequence[Covered]:
        return [one for one in self.covered if one.place.port is None]

    @property
    def ports(self) -> Sequence[Covered]:
        return [one for one in self.covered if one.place.port is not None]

    @property
    def share(self) -> int:
        """Per cent of all places that some case reached, rounded down: 100 says that none is left."""
        return 100 * reached(self.covered) // len(self.covered) if self.covered else 100

    @property
    def never(self) -> Sequence[Place]:
        """What no case reached. Of a node that was never reached the node alone is told, not its ports too."""
        unseen = {one.place.node for one in self.nodes if not one.cases}
        return [
            one.place
            for one in self.covered
            if not one.cases and (one.place.port is None or one.place.node not in unseen)
        ]


def reached(covered: Iterable[Covered]) -> int:
    """How many of these places some case reached."""
    return sum(one.cases > 0 for one in covered)


def coverage(plan: Plan, order: Iterable[str], by_case: Iterable[AbstractSet[Place]]) -> Coverage:
    """What the cases reached together (see `reached_by`); `order`: the node ids as they are to be told."""
    seen = Counter(place for places in by_case for place in places)
    places = [place for node_id in order for place in _places(plan.node(node_id))]
    return Coverage([Covered(place, seen[place]) for place in places])


def reached_by(plan: Plan, journal: Iterable[Event]) -> AbstractSet[Place]:
    """What the run of one case reached, by its events."""
    found: set[Place] = set()
    for event in journal:
        if isinstance(event, RunStarted) and event.trigger is not None:
            found |= {Place(event.trigger), Place(event.trigger, "out")}
        if event.step is None or isinstance(event, (StepSkipped, StepCancelled)):
            continue
        node_id = _node_of(event.step)
        found.add(Place(node_id))
        port = _left_by(plan.node(node_id), event)
        # An item leads nowhere; what follows hangs on the step whose item it is.
        if port is not None and not event.step.endswith("]"):
            found.add(Place(node_id, port))
    return found


def _places(node: NodePlan) -> Iterator[Place]:
    if node.disabled:
        return
    yield Place(node.id)
    for port in sorted(node.ports):
        yield Place(node.id, port)
    if node.on_error == "route":
        yield Place(node.id, ERROR)
    if node.undo is not None:
        yield Place(node.id, COMPENSATE)


def _left_by(node: NodePlan, event: Event) -> str | None:
    """The port a step of this node leaves by with this event, None if it doesn't leave by one."""
    match event:
        case (
            StepSucceeded(port=port)
            | StepResolved(verdict="succeeded", port=port)
            | StepLetGo(verdict="over", port=port)
        ):
            return port
        case StepFailed() if node.on_error != "fail":
            return ERROR if node.on_error == "route" else "out"
        case StepCompensated():
            return COMPENSATE
        case _:
            return None


def _node_of(key: str) -> str:
    """The node whose step this is: `loop[3]/inner[0]` is a step of `inner`."""
    return key.rpartition("/")[2].partition("[")[0]
