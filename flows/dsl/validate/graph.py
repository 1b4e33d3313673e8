"""The graph as a whole: cycles, triggers, reach, and the rules of compensation."""

from collections.abc import Iterator
from typing import Final

from flows.dsl.problem import Problem, pointer, problem
from flows.dsl.topology import cycles, reach
from flows.dsl.validate.outline import COMPENSATE, Outline
from flows.dsl.validate.scheme import Scheme

_SHOWN: Final = 12


def check_graph(found: Outline, drawn: Scheme) -> Iterator[Problem]:
    """Cycles, compensation, triggers, reach."""
    yield from _check_cycles(found, drawn)
    yield from _check_undo(found, drawn)
    yield from _check_reach(found, drawn)


def _check_cycles(found: Outline, drawn: Scheme) -> Iterator[Problem]:
    for group in cycles(list(found.nodes), drawn.forward):
        names = ", ".join(group[:_SHOWN]) + (", …" if len(group) > _SHOWN else "")
        yield problem("cycle", path=found.nodes[group[0]].path(), node=group[0], nodes=names)


def _check_undo(found: Outline, drawn: Scheme) -> Iterator[Problem]:
    incoming: dict[str, int] = {}
    for _, edge in found.edges:
        incoming[edge.target] = incoming.get(edge.target, 0) + 1
    for undo, owner in drawn.undo_of.items():
        if incoming[undo] > 1:
            yield problem("undo_with_input", path=found.nodes[undo].path(), node=undo, id=undo, owner=owner)
    for index, edge in found.edges:
        where = pointer("edges", index)
        source, target = found.nodes.get(edge.source), found.nodes.get(edge.target)
        if source is None or target is None:
            continue
        if edge.port != COMPENSATE:
            mine, others = drawn.undo_region.get(source.id), drawn.undo_region.get(target.id)
            if mine != others and target.id not in drawn.undo_of:
                yield problem("undo_joined", path=where, node=source.id, id=source.id, target=target.id)
        elif source.id in drawn.undo_region:
            yield problem("undo_of_undo", path=where, node=source.id, id=source.id)
        elif source.type is not None and source.type.role == "trigger":
            yield problem("undo_of_trigger", path=where, node=source.id, id=source.id)


def _check_reach(found: Outline, drawn: Scheme) -> Iterator[Problem]:
    triggers = [one.id for one in found.nodes.values() if one.type is not None and one.type.role == "trigger"]
    if not triggers:
        # A node of an unknown type may have been meant as one; that is told already.
        if all(one.type is not None for one in found.nodes.values()) and not _has_unread(found):
            yield problem("no_trigger", path="/nodes")
        return
    reached = reach(drawn.forward, triggers)
    for placed in found.nodes.values():
        known = placed.type is not None and placed.id not in reached and placed.id not in drawn.undo_region
        if known and placed.node.parent is None:
            yield problem("unreachable", path=placed.path(), node=placed.id, id=placed.id)


def _has_unread(found: Outline) -> bool:
    nodes = found.raw.get("nodes", [])
    return not isinstance(nodes, list) or len(nodes) != len(found.nodes)
