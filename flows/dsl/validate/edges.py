"""Edges: their ends, their ports, the walls they may not cross, and what they must be for what a node promises."""

from collections import Counter
from collections.abc import Iterator

from flows.dsl.document import Edge, JoinCount
from flows.dsl.problem import Problem, pointer, problem
from flows.dsl.validate.outline import COMPENSATE, ERROR, Outline, Placed


def check_edges(found: Outline) -> Iterator[Problem]:
    """Ends, ports, walls, twins."""
    seen: set[tuple[str, str, str]] = set()
    for index, edge in found.edges:
        yield from _check_ends(found, index, edge)
        key = (edge.source, edge.port, edge.target)
        if key in seen:
            where = pointer("edges", index)
            yield problem(
                "duplicate_edge", path=where, node=edge.source, id=edge.source, port=edge.port, target=edge.target
            )
        seen.add(key)


def _check_ends(found: Outline, index: int, edge: Edge) -> Iterator[Problem]:
    for field, end in (("from", edge.source), ("to", edge.target)):
        if end not in found.named:
            yield problem("unknown_node", path=pointer("edges", index, field), id=end)
    source, target = found.nodes.get(edge.source), found.nodes.get(edge.target)
    if source is not None:
        yield from _check_port(source, index, edge)
    if target is not None and target.type is not None and target.type.role == "trigger":
        yield problem("trigger_with_input", path=pointer("edges", index, "to"), node=target.id, id=target.id)
    if source is not None and target is not None and source.node.parent != target.node.parent:
        where = pointer("edges", index)
        yield problem("wall_crossed", path=where, node=source.id, id=source.id, target=target.id)


def _check_port(source: Placed, index: int, edge: Edge) -> Iterator[Problem]:
    if source.ports is None or edge.port in source.ports or edge.port in (ERROR, COMPENSATE):
        return
    ports = ", ".join((*source.ports, ERROR, COMPENSATE))
    where = pointer("edges", index, "port")
    yield problem("unknown_port", path=where, node=source.id, id=source.id, port=edge.port, ports=ports)


def check_promises(found: Outline) -> Iterator[Problem]:
    """What a node promises that its edges must make true: routes, going on, joins."""
    leaving = {(edge.source, edge.port) for _, edge in found.edges}
    entering = Counter(edge.target for _, edge in found.edges if edge.port != COMPENSATE)
    for placed in found.nodes.values():
        node = placed.node
        routed = (node.id, ERROR) in leaving
        where = placed.path("on_error")
        if node.on_error == "route" and not routed:
            yield problem("route_without_error", path=where, node=node.id, id=node.id)
        if node.on_error != "route" and routed:
            yield problem("error_without_route", path=where, node=node.id, id=node.id)
        if node.on_error == "continue" and placed.ports is not None and "out" not in placed.ports:
            yield problem("continue_without_out", path=where, node=node.id, id=node.id)
        edges = entering[node.id]
        if isinstance(node.join, JoinCount) and node.join.count > edges:
            path = placed.path("join", "count")
            yield problem("join_count", path=path, node=node.id, id=node.id, count=node.join.count, edges=edges)
