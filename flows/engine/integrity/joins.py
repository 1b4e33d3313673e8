"""Joins that count their ways, tried with every way the steps before them can leave by.

Trying is exact and costs; where there are too many ways, nothing is said rather than something guessed.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import Final

from flows.engine.compile import ERROR
from flows.engine.integrity.finding import Finding, finding
from flows.engine.integrity.outlook import Outlook
from flows.engine.plan import NodePlan

MOST_WAYS: Final = 1_024
MOST_BEFORE: Final = 400
_NOWHERE: Final = ""


def check_joins(look: Outlook) -> Iterator[Finding]:
    """Joins that find some of their ways taken, but too few, however long they wait."""
    for node in look.nodes():
        if node.need > 1 and (found := _too_few(look, node)) is not None:
            most, other, port = found
            yield finding(
                "join_can_fail",
                path=look.path(node, "join", "count"),
                node=node.id,
                id=node.id,
                count=node.need,
                most=most,
                other=other.id,
                port=port,
            )


def _too_few(look: Outlook, join: NodePlan) -> tuple[int, NodePlan, str] | None:
    """How many ways are taken at the most when it fails, and which step leaves by which port then."""
    before = _before(look, join)
    if before is None:
        return None
    choices = {node.id: _choices(look, node) for node in before}
    open_ones = [node for node in before if len(choices[node.id]) > 1]
    if prod(len(choices[node.id]) for node in open_ones) > MOST_WAYS:
        return None
    for chosen in product(*(choices[node.id] for node in open_ones)):
        ways = {**{one: ports[0] for one, ports in choices.items()}, **_named(open_ones, chosen)}
        taken = _taken(look, before, join, ways)
        if taken is not None and 0 < len(taken) < join.need:
            return len(taken), *_culprit(look, open_ones, ways, join)
    return None


def _named(nodes: Sequence[NodePlan], chosen: Sequence[str]) -> dict[str, str]:
    return {node.id: port for node, port in zip(nodes, chosen, strict=True)}


def _before(look: Outlook, join: NodePlan) -> list[NodePlan] | None:
    """What leads to the join, each after what leads to it; None where that is too much to try."""
    found = {join.id}
    ahead = [join.id]
    while ahead:
        for source, _ in look.incoming.get(ahead.pop(), ()):
            if source.id not in found:
                found.add(source.id)
                ahead.append(source.id)
        if len(found) > MOST_BEFORE:
            return None
    return [node for node in look.sources_first() if node.id in found and node is not join]


def _choices(look: Outlook, node: NodePlan) -> list[str]:
    """The ports it may leave by, those without an edge as one; a trigger may also not be the one that starts."""
    ports = set(node.ports) | ({ERROR} if node.on_error == "route" else set())
    drawn = list(dict.fromkeys(port for port, _ in node.out if port in ports))
    is_one_of_many = node.kind == "trigger" and sum(one.kind == "trigger" for one in look.plan.root.nodes) > 1
    return [*drawn, _NOWHERE] if len(drawn) < len(ports) or is_one_of_many else drawn or [_NOWHERE]


def _taken(look: Outlook, before: Sequence[NodePlan], join: NodePlan, ways: Mapping[str, str]) -> list[NodePlan] | None:
    """Where the join's taken edges come from; None where the run can't go this way, or fails before."""
    leaves: dict[str, str] = {}
    starts = 0
    for node in before:
        coming = look.incoming.get(node.id, ())
        arrived = sum(leaves.get(source.id) == port for source, port in coming)
        if not coming:
            starts += node.kind == "trigger" and ways[node.id] != _NOWHERE
            leaves[node.id] = ways[node.id]
        elif arrived and arrived >= node.need:
            leaves[node.id] = "out" if node.disabled else ways[node.id]
        elif arrived:
            return None
    if starts > 1:
        return None
    return [source for source, port in look.incoming.get(join.id, ()) if leaves.get(source.id) == port]


def _culprit(
    look: Outlook, open_ones: Sequence[NodePlan], ways: Mapping[str, str], join: NodePlan
) -> tuple[NodePlan, str]:
    """The step whose choice is told: the last that could have gone another way."""
    last = open_ones[-1] if open_ones else look.incoming[join.id][0][0]
    port = ways[last.id] or next((one for one in sorted(last.ports) if all(one != drawn for drawn, _ in last.out)), "")
    return last, port
