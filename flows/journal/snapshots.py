"""When the state of a machine is kept beside its events, so that a long run reloads fast.

A snapshot is due when the events since the last one exceed both 500 and the size of the state in steps: a
huge state isn't copied over and over. Only the newest stays.
"""

from typing import Final

import orjson

from flows.engine.machine import Machine
from flows.engine.plan import Plan
from flows.engine.snapshot import FORMAT, dump_state, load_state
from flows.journal.codec import decode
from flows.journal.rows import Row, SnapshotRow

EVENTS: Final = 500


class Snapshots:
    """The snapshots of one run."""

    __slots__ = ("_after", "_last", "_machine")

    def __init__(self, machine: Machine, last: int, after: int = EVENTS) -> None:
        self._machine = machine
        self._last = last
        self._after = after

    def due(self, seq: int) -> SnapshotRow | None:
        """The snapshot to write with the events up to `seq`; None most of the time."""
        since = seq - self._last
        if since <= self._after or since <= self._machine.size:
            return None
        self._last = seq
        return SnapshotRow(seq=seq, codec=FORMAT, data=orjson.dumps(dump_state(self._machine.state)))


def refold(plan: Plan, snapshot: SnapshotRow | None, rows: list[Row]) -> Machine:
    """The machine after the snapshot and these events, which begin right behind it."""
    machine = Machine(plan, load_state(plan, orjson.loads(snapshot.data))) if snapshot is not None else Machine(plan)
    for row in rows:
        machine.apply(decode(row.kind, row.step, row.at, row.data))
    return machine
