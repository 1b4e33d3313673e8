"""The machine of a run, read back: from the state that was kept of it last, and the events past it. Sync, as `read`.

It refuses to know what anybody wants of it.
"""

from bisect import bisect_right
from collections.abc import Callable
from typing import Final
from uuid import UUID

from django.db import connection

from flows.engine.events import ItemsListed
from flows.engine.machine import Machine
from flows.engine.plan import Plan
from flows.engine.snapshot import FORMAT
from flows.journal import read
from flows.journal.codec import decode
from flows.journal.moved import moves_in
from flows.journal.rows import Row, SnapshotRow
from flows.journal.snapshots import refold
from flows.journal.went_by import MOVES

# One in the format of another release is passed over; all events are read then.
SNAPSHOT: Final = "SELECT seq, codec, data FROM flows_snapshot WHERE run_id = %s AND codec = %s"
LISTED: Final = """
SELECT kind, step, at, data FROM flows_event
WHERE run_id = %s AND kind = 'items_listed' AND step = %s ORDER BY seq DESC LIMIT 1
"""


class _Along(dict[str, Plan]):
    """Plans of versions by their documents' hashes, each asked for when the journal comes to it."""

    def __init__(self, plan_of: Callable[[str], Plan]) -> None:
        super().__init__()
        self._plan_of = plan_of

    def __missing__(self, name: str) -> Plan:
        return self.setdefault(name, self._plan_of(name))


def refolded(run: UUID, plan: Plan, plan_of: Callable[[str], Plan]) -> Machine:
    """The machine as the journal left it; `plan` is that of the run's own document, unless it was ever moved.

    Then `plan_of` is asked for the versions by their hashes, as the journal names them: the run may be moved while this
    reads it.
    """
    with connection.cursor() as cursor:
        cursor.execute(SNAPSHOT, [run, FORMAT])
        found = [SnapshotRow(seq=seq, codec=codec, data=bytes(data)) for seq, codec, data in cursor.fetchall()]
    snapshot = found[0] if found else None
    after = snapshot.seq if snapshot is not None else 0
    with connection.cursor() as cursor:
        cursor.execute(MOVES, [run])
        rows = [Row(*found) for found in cursor.fetchall()]
    plans = _Along(plan_of)
    if moves := moves_in(rows):
        before = bisect_right([row.seq for row in rows], after)
        plan = plans[moves[before - 1].document_hash if before else moves[0].was_hash]
    return refold(plan, snapshot, read.all_events(run, after), plans)


def last_list(run: UUID, step: str) -> ItemsListed | None:
    """The last list of a step's items."""
    with connection.cursor() as cursor:
        cursor.execute(LISTED, [run, step])
        found = [decode(*row) for row in cursor.fetchall()]
    return found[0] if found and isinstance(found[0], ItemsListed) else None
