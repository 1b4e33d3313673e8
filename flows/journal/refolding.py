"""The machine of a run, read back: from the state that was kept of it last, and the events past it. Sync, as `read`.

It refuses to know what anybody wants of it.
"""

from typing import Final
from uuid import UUID

from django.db import connection

from flows.engine.events import ItemsListed
from flows.engine.machine import Machine
from flows.engine.plan import Plan
from flows.engine.snapshot import FORMAT
from flows.journal import read
from flows.journal.codec import decode
from flows.journal.rows import SnapshotRow
from flows.journal.snapshots import refold

# One in the format of another release is passed over; all events are read then.
SNAPSHOT: Final = "SELECT seq, codec, data FROM flows_snapshot WHERE run_id = %s AND codec = %s"
LISTED: Final = """
SELECT kind, step, at, data FROM flows_event
WHERE run_id = %s AND kind = 'items_listed' AND step = %s ORDER BY seq DESC LIMIT 1
"""


def refolded(run: UUID, plan: Plan) -> Machine:
    """The machine as the journal left it; `plan` is that of the run's own document."""
    with connection.cursor() as cursor:
        cursor.execute(SNAPSHOT, [run, FORMAT])
        found = [SnapshotRow(seq=seq, codec=codec, data=bytes(data)) for seq, codec, data in cursor.fetchall()]
    snapshot = found[0] if found else None
    return refold(plan, snapshot, read.all_events(run, snapshot.seq if snapshot is not None else 0))


def last_list(run: UUID, step: str) -> ItemsListed | None:
    """The last list of a step's items."""
    with connection.cursor() as cursor:
        cursor.execute(LISTED, [run, step])
        found = [decode(*row) for row in cursor.fetchall()]
    return found[0] if found and isinstance(found[0], ItemsListed) else None
