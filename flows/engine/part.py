"""Running a part of a flow: only one node, all up to a node, or all from a node on.

A part is a smaller document. Edges from outside are left out, and a node that none lead to any more begins
at once; what it reads of nodes outside comes as given outputs with `RunStarted`. A node alone may stand inside
containers: these stay around it, so that it has its item or its lock, and hold nothing else.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from flows.dsl.document import Document, Edge, Node
from flows.errors import MulgilError

_COMPENSATE: Final = "compensate"


class NoSuchNode(MulgilError):
    """There is no node {node} to run so in this flow."""

    code = "no_such_node"
    status = 422
    hint = "Name a node of the draft. Inside a container one can be run alone, not up to it nor from it on."


@dataclass(frozen=True, slots=True)
class Part:
    """`only` this node, all `until` it (with what leads to it), or all `from` it on.

    `item` names a given output that is the one item of the nearest list around the node, in place of those it lists.
    """

    way: Literal["only", "until", "from"]
    node: str
    item: str | None = None


def cut(document: Document, part: Part) -> Document:
    """The document of a part. Raises NoSuchNode."""
    found = next((node for node in document.nodes if node.id == part.node), None)
    if found is None or (found.parent is not None and part.way != "only"):
        raise NoSuchNode(node=part.node)
    if found.parent is not None:
        return _inside(document, part)
    kept = _kept(document.edges, part)
    if part.way != "only":
        undos = [edge.target for edge in document.edges if edge.port == _COMPENSATE and edge.source in kept]
        kept |= _closure(undos, _neighbours(document.edges))
    parents = {node.id: node.parent for node in document.nodes}
    kept = {node_id for node_id in parents if _outermost(node_id, parents) in kept}
    return document.model_copy(
        update={
            "nodes": [node for node in document.nodes if node.id in kept],
            "edges": [edge for edge in document.edges if edge.source in kept and edge.target in kept],
        }
    )


def around(document: Document, node_id: str) -> list[str]:
    """The containers a node stands in, from the inside out."""
    parents = {node.id: node.parent for node in document.nodes}
    found: list[str] = []
    while (parent := parents.get(found[-1] if found else node_id)) is not None and parent not in found:
        found.append(parent)
    return found


def _inside(document: Document, part: Part) -> Document:
    """The node, with all that it holds, in its containers, with nothing beside it."""
    walls = around(document, part.node)
    kept = {node.id for node in document.nodes if part.node in (node.id, *around(document, node.id))} | set(walls)
    types = {node.id: node.type for node in document.nodes}
    lists = [wall for wall in walls if types[wall] == "flow.for_each"]
    listing = lists[0] if lists and part.item is not None else None
    return document.model_copy(
        update={
            "nodes": [
                node if node.id != listing else _with_item(node, str(part.item))
                for node in document.nodes
                if node.id in kept
            ],
            "edges": [edge for edge in document.edges if edge.source in kept and edge.target in kept],
        }
    )


def _with_item(node: Node, item: str) -> Node:
    return node.model_copy(update={"config": {**node.config, "items": f"{{{{ [nodes.{item}] }}}}"}})


def _kept(edges: Iterable[Edge], part: Part) -> set[str]:
    match part.way:
        case "only":
            return {part.node}
        case "until":
            return _closure([part.node], _neighbours(edges, backward=True))
        case "from":
            return _closure([part.node], _neighbours(edges))


def _neighbours(edges: Iterable[Edge], *, backward: bool = False) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for edge in edges:
        if edge.port != _COMPENSATE:
            here, there = (edge.target, edge.source) if backward else (edge.source, edge.target)
            found[here].append(there)
    return found


def _closure(first: Iterable[str], neighbours: Mapping[str, list[str]]) -> set[str]:
    found = set(first)
    ahead = list(found)
    while ahead:
        for node_id in neighbours.get(ahead.pop(), ()):
            if node_id not in found:
                found.add(node_id)
                ahead.append(node_id)
    return found


def _outermost(node_id: str, parents: Mapping[str, str | None]) -> str:
    while (parent := parents.get(node_id)) is not None:
        node_id = parent
    return node_id
