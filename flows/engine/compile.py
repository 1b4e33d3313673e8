"""From a document and a catalogue to a plan.

Nodes are compiled after everything they point at (targets, undo, inner nodes), so that a plan is immutable
from its first moment. A forward graph has no cycle, therefore such an order exists.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from flows.dsl.bulk import without_collecting
from flows.dsl.catalogue import Catalogue, NodeType
from flows.dsl.document import Document, Edge, Node
from flows.dsl.durations import parse_duration
from flows.dsl.effects import Effect
from flows.dsl.fields import field_rules
from flows.engine.part import Part, cut
from flows.engine.plan import ALL, Kind, NodePlan, Plan, Region
from flows.engine.retry import policy
from flows.errors import ErrorClass, MulgilError
from flows.expr.compile import Compiled, compile_value
from flows.security.limits import LIMITS
from flows.security.safejson import Json

COMPENSATE: Final = "compensate"
ERROR: Final = "error"
STOP: Final = "flow.stop"
_CONTAINERS: Final[dict[str, Kind]] = {
    "flow.for_each": "for_each",
    "flow.while": "while",
    "flow.try": "try",
    "flow.lock": "lock",
}
_CATCHES: Final[frozenset[ErrorClass]] = frozenset({"recoverable", "permanent", "partial"})
_STRICTNESS: Final = list(Effect)
_UNREAD: Final = compile_value(None)

Expressions: TypeAlias = Callable[[Json, frozenset[str], Mapping[str, str] | None], Compiled]
"""What is made of a config, or of a list of items."""


class NotRunnable(MulgilError):
    """The document can't be made into a plan: {reason}"""

    code = "not_runnable"
    status = 422
    hint = "Validate the document; it says what is wrong and how to mend it."


@dataclass(slots=True)
class _Graph:
    """The edges of a document by their ends, and which nodes belong to an undo."""

    nodes: dict[str, Node]
    forward: dict[str, list[Edge]] = field(default_factory=lambda: defaultdict(list))
    incoming: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    compensate: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    children: dict[str | None, list[str]] = field(default_factory=lambda: defaultdict(list))
    undo: dict[str, list[str]] = field(default_factory=dict)
    in_undo: set[str] = field(default_factory=set)

    def points_at(self, node_id: str) -> list[str]:
        targets = [edge.target for edge in self.forward[node_id]]
        return [*targets, *self.undo.get(node_id, ()), *self.children[node_id]]


def compile_plan(document: Document, catalogue: Catalogue, part: Part | None = None) -> Plan:
    """The plan of a document, or of a part of it. Raises NotRunnable, or BadExpression."""
    if part is not None:
        document = cut(document, part)
    with without_collecting(len(document.nodes)):
        return _compile(document, catalogue, compile_value)


def sketch_plan(document: Document, catalogue: Catalogue) -> Plan:
    """The plan of a document for who looks at it and runs nothing: what its expressions say is left out, which is most of
    the work. Raises NotRunnable."""
    with without_collecting(len(document.nodes)):
        return _compile(document, catalogue, lambda value, verbatim, per_item: _UNREAD)


def _compile(document: Document, catalogue: Catalogue, expressions: Expressions) -> Plan:
    graph = _graph(document)
    plans: dict[str, NodePlan] = {}
    for node_id in _targets_first(graph):
        plans[node_id] = _compile_node(graph, graph.nodes[node_id], catalogue, plans, expressions)
    settings = document.settings
    undos = [node_id for node_id in graph.children[None] if node_id in graph.in_undo]
    return Plan(
        nodes=plans,
        root=_region(graph, plans, [node_id for node_id in graph.children[None] if node_id not in graph.in_undo]),
        undos=tuple(plans[node_id] for node_id in undos),
        timeout=parse_duration(settings.timeout) if settings.timeout is not None else None,
        max_parallel=settings.max_parallel,
        max_events=LIMITS.run_events,
        compensates=settings.on_failure == "compensate",
        vars=settings.vars,
    )


def _graph(document: Document) -> _Graph:
    graph = _Graph({node.id: node for node in document.nodes})
    for node in document.nodes:
        graph.children[node.parent].append(node.id)
    for edge in document.edges:
        if edge.source not in graph.nodes or edge.target not in graph.nodes:
            raise NotRunnable(reason=f"an edge goes from {edge.source} to {edge.target}, and one of them is missing")
        if edge.port == COMPENSATE:
            graph.compensate[edge.source].append(edge.target)
        else:
            graph.forward[edge.source].append(edge)
            graph.incoming[edge.target] += 1
    for source, targets in graph.compensate.items():
        graph.undo[source] = _reachable(graph, targets)
        graph.in_undo.update(graph.undo[source])
    return graph


def _reachable(graph: _Graph, entries: Iterable[str]) -> list[str]:
    """The nodes forward edges lead to from the entries, the entries first; each once."""
    found = dict.fromkeys(entries)
    ahead = list(found)
    while ahead:
        for edge in graph.forward[ahead.pop()]:
            if edge.target not in found:
                found[edge.target] = None
                ahead.append(edge.target)
    return list(found)


def _targets_first(graph: _Graph) -> list[str]:
    """All nodes, each after those it points at. Raises NotRunnable for a cycle."""
    order: list[str] = []
    entered: set[str] = set()
    done: set[str] = set()
    for first in graph.nodes:
        stack = [first]
        while stack:
            node_id = stack[-1]
            if node_id in done:
                stack.pop()
            elif node_id in entered:
                stack.pop()
                done.add(node_id)
                order.append(node_id)
            else:
                entered.add(node_id)
                ahead = [target for target in graph.points_at(node_id) if target not in done]
                if any(target in entered for target in ahead):
                    raise NotRunnable(reason=f"{node_id} lies on a cycle")
                stack.extend(ahead)
    return order


def _compile_node(
    graph: _Graph, node: Node, catalogue: Catalogue, plans: dict[str, NodePlan], expressions: Expressions
) -> NodePlan:
    node_type = catalogue.get(node.type)
    if node_type is None:
        raise NotRunnable(reason=f"the node {node.id} has the unknown type {node.type}")
    rules = field_rules(node_type.config)
    config = expressions(dict(node.config), rules.verbatim, rules.per_item)
    items = expressions(node.each.items, frozenset(), None) if node.each is not None else None
    kind = _kind(node, node_type)
    is_container = kind in _CONTAINERS.values()
    undo = graph.undo.get(node.id)
    return NodePlan(
        id=node.id,
        type=node_type,
        node=node,
        kind=kind,
        config=config,
        items=config if kind == "for_each" else items,
        reads=config.nodes | items.nodes if items is not None else config.nodes,
        effect=_effect(node, node_type),
        ports=frozenset(("out",) if kind == "each" else node_type.ports(node.config)),
        retry=policy(node.retry) if node.retry is not None else None,
        timeout=parse_duration(node.timeout) if node.timeout is not None else None,
        on_error=node.on_error,
        disabled=node.disabled,
        incoming=graph.incoming[node.id],
        need=_need(node),
        out=tuple((edge.port, plans[edge.target]) for edge in graph.forward[node.id]),
        catch=_catch(node) if kind == "try" else frozenset(),
        inner=_inside(graph, plans, node.id) if is_container else None,
        undo=_region(graph, plans, undo) if undo is not None else None,
    )


def _inside(graph: _Graph, plans: dict[str, NodePlan], container: str) -> Region:
    return _region(graph, plans, [child for child in graph.children[container] if child not in graph.in_undo])


def _kind(node: Node, node_type: NodeType) -> Kind:
    if node_type.role == "trigger":
        return "trigger"
    if node_type.role == "container":
        kind = _CONTAINERS.get(node_type.name)
        if kind is None or node.each is not None:
            raise NotRunnable(reason=f"{node.id}: {node.type} can't hold nodes that way")
        return kind
    return "task" if node.each is None else "each"


def _effect(node: Node, node_type: NodeType) -> Effect:
    """The type's own effect, or the stricter one the node asks for."""
    own = node_type.effect(node.config)
    return max(own, node.effect, key=_STRICTNESS.index) if node.effect is not None else own


def _need(node: Node) -> int:
    if node.join == "all":
        return ALL
    return 1 if node.join == "any" else node.join.count


def _catch(node: Node) -> frozenset[ErrorClass]:
    classes = node.config.get("catch")
    return frozenset(classes) if isinstance(classes, list) else _CATCHES  # type: ignore[arg-type]  # validated


def _region(graph: _Graph, plans: dict[str, NodePlan], node_ids: list[str]) -> Region:
    nodes = tuple(plans[node_id] for node_id in node_ids)
    # An undo begins with its own nodes, which only a `compensate` edge leads to.
    entries = tuple(plan for plan in nodes if plan.incoming == 0)
    ends = tuple(plan for plan in nodes if _is_end(plan))
    has_undo = any(plan.undo or (plan.inner and plan.inner.has_undo) for plan in nodes)
    return Region(nodes, entries, tuple(plan for plan in ends if plan.kind != "trigger") or ends, has_undo)


def _is_end(plan: NodePlan) -> bool:
    """Whether a success of the node leads nowhere. A stop says the run's output itself."""
    return plan.type.name != STOP and all(port == ERROR for port, _ in plan.out)
