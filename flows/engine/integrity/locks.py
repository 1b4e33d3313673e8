"""Locks taken while another is held: runs that take the same two in opposite orders wait for each other.

What other flows do isn't seen here, so one that stands in line without end while it holds a lock is told of alone.
"""

from collections.abc import Iterator

from flows.engine.integrity.finding import Finding, finding
from flows.engine.integrity.outlook import Outlook
from flows.engine.plan import NodePlan


def check_locks(look: Outlook) -> Iterator[Finding]:
    """Locks inside locks that may wait for each other."""
    taken: dict[tuple[str, str], NodePlan] = {}
    for node in look.nodes():
        for outer in _around(look, node):
            order = _name(outer), _name(node)
            opposite = taken.get(order[::-1])
            taken.setdefault(order, node)
            names = {"id": node.id, "name": order[1], "other": order[0]}
            if opposite is not None:
                path = look.path(node, "config", "name")
                yield finding("locks_in_both_orders", path=path, node=node.id, **names, opposite=opposite.id)
            elif node.node.config.get("wait") is None and look.plan.timeout is None:
                yield finding("lock_without_end", path=look.path(node, "config", "wait"), node=node.id, **names)


def _around(look: Outlook, node: NodePlan) -> Iterator[NodePlan]:
    """The locks that are held when a lock is asked for, the nearest first."""
    here = look.around(node) if node.kind == "lock" else None
    while here is not None:
        if here.kind == "lock" and not here.disabled:
            yield here
        here = look.around(here)


def _name(node: NodePlan) -> str:
    return str(node.node.config.get("name", ""))
