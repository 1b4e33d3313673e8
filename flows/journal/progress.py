"""How far a step with items is, counted from the journal: an iteration has ended when every node in it has.

It decides how ended items are counted and refuses to know what comes of them. A step that succeeded is not
asked for: all its items have ended.
"""

from typing import Any, Final
from uuid import UUID

from django.db import connection

from flows.dsl.topology import graph_of, reach
from flows.journal.pattern import escaped
from flows.journal.steps_seen import ENDS

COMPENSATE: Final = "compensate"

# A step inside an iteration may end more than once (its loop is retried), hence the distinct keys.
ENDED_ITEMS: Final = """
SELECT count(*) FROM (
    SELECT 1 FROM flows_event
    WHERE run_id = %s AND seq <= %s AND kind = ANY(%s) AND step ~ %s
    GROUP BY split_part(substr(step, %s), ']', 1) HAVING count(DISTINCT step) >= %s
) AS ended
"""


def ended_items(run: UUID, step: str, document: dict[str, Any], head: int) -> int:
    """How many items of the step have ended, up to the event `head`."""
    node = step.rpartition("/")[2].partition("[")[0]
    inside = nodes_inside(document, node)
    tail = r"\[\d+\]$" if not inside else r"\[\d+\]/[^/\[]+$"
    fields: list[Any] = [run, head, list(ENDS), f"^{escaped(step)}{tail}", len(step) + 2, max(1, len(inside))]
    with connection.cursor() as cursor:
        cursor.execute(ENDED_ITEMS, fields)
        return int(cursor.fetchone()[0])


def nodes_inside(document: dict[str, Any], container: str) -> set[str]:
    """The nodes of one iteration: those directly inside that are no part of an undo."""
    edges = [(edge["from"], edge["to"], edge.get("port", "out")) for edge in document.get("edges", ())]
    forward = graph_of((source, target) for source, target, port in edges if port != COMPENSATE)
    undo = reach(forward, (target for _, target, port in edges if port == COMPENSATE))
    return {
        node["id"] for node in document.get("nodes", ()) if node.get("parent") == container and node["id"] not in undo
    }
