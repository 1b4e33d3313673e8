"""When the state of a machine is kept beside its events, so that a long run reloads fast.

A snapshot is due when the events since the last one exceed both 500 and the size of the state in steps: a
huge state isn't copied over and over. One is kept right behind a move to another version, so that nobody who loads the run
needs the version before. A run whose items failed is kept once more at its end, whatever its size, for they
are likely to be run again. Only the newest stays.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import orjson

from flows.engine.machine import Machine
from flows.engine.plan import NO_PLANS, Plan
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

    def due(self, seq: int, *, has_ended: bool = False, has_moved: bool = False) -> SnapshotRow | None:
        """The snapshot to write with the events up to `seq`; None most of the time."""
        since = seq - self._last
        if has_moved:
            is_due = since > 0
        elif has_ended:
            is_due = since > EVENTS and has_lost_items(self._machine)
        else:
            is_due = since > self._after and since > self._machine.size
        if not is_due:
            return None
        self._last = seq
        return SnapshotRow(seq=seq, codec=FORMAT, data=orjson.dumps(dump_state(self._machine.state)))


def has_lost_items(machine: Machine) -> bool:
    """Whether items of a step at the top have no output, or an error in its place."""
    return any(
        step.window is not None and (step.window.lost or step.status in ("failed", "cancelled"))
        for step in machine.state.steps.values()
    )


def refold(
    plan: Plan, snapshot: SnapshotRow | None, rows: Iterable[Row], plans: Mapping[str, Plan] = NO_PLANS
) -> Machine:
    """The machine after the snapshot and these events, which begin right behind it.

    `plan` is that of the version the run went by where they begin; `plans`: of those they move it to, by hash.
    """
    state = load_state(plan, orjson.loads(snapshot.data)) if snapshot is not None else None
    machine = Machine(plan, state, plans)
    for row in rows:
        machine.apply(decode(row.kind, row.step, row.at, row.data))
    return machine
