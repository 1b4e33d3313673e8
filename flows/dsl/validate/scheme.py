"""The graphs of a document: the forward edges inside each wall, and what belongs to which undo.

Built from an outline, so from whatever could be read; edges that cross walls or end nowhere are no
part of it.
"""

from dataclasses import dataclass, field

from flows.dsl.topology import Ancestors, graph_of, reach
from flows.dsl.validate.outline import COMPENSATE, Outline


@dataclass(slots=True)
class Scheme:
    """How the nodes of a document hang together."""

    forward: dict[str, list[str]]
    """Targets of each node's edges, without `compensate`."""
    undo_of: dict[str, str]
    """The owner of each undo node: the first whose `compensate` edge names it."""
    ancestors: Ancestors
    undo_region: dict[str, str] = field(default_factory=dict)
    """Each node that belongs to an undo, and the undo node it belongs to."""


def scheme(found: Outline) -> Scheme:
    """The graphs of what could be read."""
    inner = [
        edge
        for _, edge in found.edges
        if edge.source in found.nodes
        and edge.target in found.nodes
        and found.nodes[edge.source].node.parent == found.nodes[edge.target].node.parent
    ]
    forward = graph_of((edge.source, edge.target) for edge in inner if edge.port != COMPENSATE)
    undo_of: dict[str, str] = {}
    for edge in inner:
        if edge.port == COMPENSATE:
            undo_of.setdefault(edge.target, edge.source)
    result = Scheme(forward, undo_of, Ancestors(list(found.nodes), forward))
    for undo in undo_of:
        for node in reach(forward, [undo]):
            result.undo_region.setdefault(node, undo)
    return result
