"""A document compiled: what the machine and its driver look up, worked out once per version.

The plan is immutable, shared by all runs of a version and cached by content hash. It decides nothing about
a run. It takes a valid document (see `flows.dsl.validate`) and does not repeat validation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias

from flows.dsl.catalogue import NodeType
from flows.dsl.document import Node
from flows.dsl.effects import Effect
from flows.engine.retry import RetryPolicy
from flows.errors import ErrorClass
from flows.expr.compile import Compiled
from flows.security.safejson import Json

Kind: TypeAlias = Literal["task", "each", "for_each", "while", "try", "lock", "trigger"]
"""How the machine treats a node. `each` is a task with items; all but `try` and `trigger` make attempts."""

ALL: Final = 0
"""The `need` of a join that waits for all edges that were not skipped."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, weakref_slot=True)
class NodePlan:
    """One node, compiled.

    `out`: its forward edges as (port, target) in the document's order; `incoming`: how many edges lead to it;
    `need`: how many taken edges make it ready, or ALL; `ports`: those a success may leave by; `config` and
    `items` are what an attempt resolves (see `StartAttempt`); `reads`: the node ids those look at; `timeout` is
    in microseconds; `catch`: the error classes a `try` catches; `inner`: the inside of a container; `undo`:
    what undoes it, None without a `compensate` edge; `known`: what whoever performs it has found out about it, by the
    class of that; the machine never looks there.
    """

    id: str
    type: NodeType
    node: Node
    kind: Kind
    config: Compiled
    items: Compiled | None
    reads: frozenset[str]
    effect: Effect
    ports: frozenset[str]
    retry: RetryPolicy | None
    timeout: int | None
    on_error: Literal["fail", "continue", "route"]
    disabled: bool
    incoming: int
    need: int
    out: "tuple[tuple[str, NodePlan], ...]"
    catch: frozenset[ErrorClass]
    inner: "Region | None"
    undo: "Region | None"
    known: dict[Any, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """Nodes that begin and end together: the flow itself, the inside of a container, or an undo.

    `entries` begin with the region; `ends` give its output; `has_undo`: something in it, however deep, can be
    undone, so that its steps must be remembered.
    """

    nodes: tuple[NodePlan, ...]
    entries: tuple[NodePlan, ...]
    ends: tuple[NodePlan, ...]
    has_undo: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """A whole flow, compiled. `timeout` is in microseconds; `undos`: the undo nodes at the top.

    `max_events`: from how many events on a run does nothing more but end.
    """

    nodes: Mapping[str, NodePlan]
    root: Region
    undos: tuple[NodePlan, ...]
    timeout: int | None
    max_parallel: int | None
    max_events: int
    compensates: bool
    vars: Mapping[str, Json]

    def node(self, node_id: str) -> NodePlan:
        return self.nodes[node_id]


NO_PLANS: Final[Mapping[str, Plan]] = MappingProxyType({})
"""Of a run that keeps to its version: none it might be moved to."""
