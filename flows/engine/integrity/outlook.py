"""What the rules of the integrity report look at: a plan, where its nodes stand, and what lies ahead and behind.

Everything is worked out in one pass over the edges, so that a flow of 10,000 nodes is looked through at once.
It judges nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from flows.dsl.document import Document
from flows.dsl.effects import Effect
from flows.dsl.problem import pointer
from flows.engine.compile import STOP
from flows.engine.plan import NodePlan, Plan

WAITS: Final[Mapping[str, str]] = {"flow.signal": "timeout", "flow.approval": "timeout", "flow.wait": "for"}
"""The types that wait for something outside or for a time, and the field of their config that says how long."""

ACTING: Final = frozenset({Effect.KEYED, Effect.TRANSACTIONAL, Effect.ONCE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What is known of the place the flow is in: its own id and name, and the people it could ask; None: not known.

    `ways_back`: by the flow and version a call names, the names of the flows on the way that leads back to this one."""

    flow: frozenset[str] = frozenset()
    users: frozenset[str] | None = None
    groups: frozenset[str] | None = None
    ways_back: Mapping[tuple[str, int | None], Sequence[str]] = field(default_factory=dict)


NOWHERE: Final = Surroundings()


@dataclass(slots=True)
class Outlook:
    """A plan and what follows from its edges. `undo_of`: the step that a node helps to undo."""

    document: Document
    plan: Plan
    around_it: Surroundings
    places: dict[str, int] = field(init=False)
    undo_of: dict[str, NodePlan] = field(default_factory=dict)
    incoming: dict[str, list[tuple[NodePlan, str]]] = field(default_factory=dict)
    _fails: dict[str, NodePlan] = field(default_factory=dict)
    """By a node: a step at it or inside it that can fail the run."""
    _fails_after: dict[str, NodePlan] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.places = {node.id: index for index, node in enumerate(self.document.nodes)}
        for node in self.plan.nodes.values():
            for undo in node.undo.nodes if node.undo is not None else ():
                self.undo_of[undo.id] = node
            for port, target in node.out:
                self.incoming.setdefault(target.id, []).append((node, port))
        # Targets come before what points at them, and what is inside a container before it.
        for node in self.plan.nodes.values():
            self._look_ahead(node)

    def nodes(self) -> Iterator[NodePlan]:
        """Those that do something, in the document's order."""
        for node in self.document.nodes:
            if not node.disabled:
                yield self.plan.nodes[node.id]

    def sources_first(self) -> Iterator[NodePlan]:
        """All nodes, each after those that point at it."""
        return reversed(list(self.plan.nodes.values()))

    def path(self, node: NodePlan, *parts: str) -> str:
        return pointer("nodes", self.places[node.id], *parts)

    def fails_after(self, node: NodePlan) -> NodePlan | None:
        """A step that may fail the run once this one has completed; None where nothing follows that could."""
        here: NodePlan | None = node
        while here is not None:
            if here.id in self._fails_after:
                return self._fails_after[here.id]
            here = self.around(here)
        return None

    def around(self, node: NodePlan) -> NodePlan | None:
        """The container it lies in."""
        return self.plan.nodes.get(node.node.parent) if node.node.parent is not None else None

    def is_undone(self, node: NodePlan) -> bool:
        """Whether it, or a container around it, has an undo."""
        here: NodePlan | None = node
        while here is not None:
            if here.undo is not None:
                return True
            here = self.around(here)
        return False

    def _look_ahead(self, node: NodePlan) -> None:
        inside = node.inner.nodes if node.inner is not None else ()
        first = next((self._fails[one.id] for one in inside if one.id in self._fails), None)
        if can_fail(node):
            self._fails[node.id] = node
        elif first is not None and node.on_error == "fail" and node.kind != "try":
            self._fails[node.id] = first
        for _, target in node.out:
            found = self._fails.get(target.id) or self._fails_after.get(target.id)
            if found is not None:
                self._fails_after[node.id] = found
                return


def can_fail(node: NodePlan) -> bool:
    """Whether the world, or the flow itself, may make it fail the run."""
    if node.disabled:
        return False
    if node.type.name == STOP:
        return node.node.config.get("outcome") == "error"
    return node.effect is not Effect.PURE and node.on_error == "fail"


def waits_for_ever(node: NodePlan) -> bool:
    """Whether it waits for something outside, and no time ends that."""
    is_asking = node.type.name in ("flow.signal", "flow.approval")
    return is_asking and node.node.config.get("timeout") is None and not node.disabled
