"""What must hold between a run's journal and the rows beside it: its columns, its inbox, its outbox, its owner, its locks.

The journal itself is held by the engine's `Examiner`. Who reads the rows, and from where, is none of its business: `fsck`
reads PostgreSQL, the simulation its tables in memory.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from flows.dsl.instants import Instant
from flows.engine.events import (
    AlertRaised,
    CancelRequested,
    Event,
    RunCancelled,
    RunFailed,
    RunMoved,
    RunSucceeded,
    SignalReceived,
)
from flows.engine.invariants import Examiner, Rule
from flows.runtime.facts import column, error_column

ENDED: Final = frozenset({"succeeded", "failed", "cancelled"})
Found = Iterator[tuple[Rule, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """A run's row. `is_known`: whether its owner is an executor known to live or to have lived; `unread`: its letters."""

    id: UUID
    status: str
    owner: UUID | None
    fence: int
    seq: int
    mail: int
    output: str | None
    error: str | None
    wake_at: Instant | None
    finished_at: Instant | None
    is_known: bool
    unread: int

    @property
    def is_set_aside(self) -> bool:
        return self.status == "paused" and self.error is not None


@dataclass(slots=True)
class Told:
    """What a run's journal says that rows elsewhere must say too: alerts by step and reason, letters by kind, name and key.

    `moves`: how often it was moved to another version, which a letter asks for each time.
    """

    alerts: Counter[tuple[str, str]] = field(default_factory=Counter)
    letters: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    moves: int = 0

    def take(self, event: Event) -> None:
        if isinstance(event, AlertRaised):
            self.alerts[event.step or "", event.reason] += 1
        elif isinstance(event, SignalReceived):
            self.letters["signal", event.name, event.key] += 1
        elif isinstance(event, CancelRequested):
            self.letters["cancel", "", ""] += 1
        elif isinstance(event, RunMoved):
            self.moves += 1


@dataclass(slots=True)
class Beside:
    """The rows beside a run: letters that were consumed, alerts in the outbox, alerts people see.

    `moves`: letters that asked for a move and were consumed; one that was not obeyed moved nothing.
    """

    letters: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    moves: int = 0
    messages: Counter[tuple[str, str]] = field(default_factory=Counter)
    alerts: Counter[tuple[str, str]] = field(default_factory=Counter)


def row_holds(row: Columns, examiner: Examiner) -> Found:
    """The columns say what the journal says, and the run is with someone or rests for a reason."""
    yield from _projection(row, examiner)
    yield from _parked(row, examiner)
    if row.mail != row.unread:
        yield "inbox", f"its row says that {row.mail} letters wait, and {row.unread} do"


def _projection(row: Columns, examiner: Examiner) -> Found:
    if row.seq != examiner.seq:
        yield "numbering", f"its row stands at seq {row.seq}, its journal at {examiner.seq}"
    if examiner.fence > row.fence:
        yield "fence", f"its journal was written under fence {examiner.fence}, its row has {row.fence}"
    if not examiner.folds or not examiner.seq:
        return
    machine, last = examiner.machine, examiner.last
    if row.status != machine.status and not row.is_set_aside:
        yield "projection", f"its row says {row.status}, its journal {machine.status}"
    is_over = isinstance(last, RunSucceeded | RunFailed | RunCancelled)
    finished = last.at if is_over and last is not None else None
    if row.finished_at != finished:
        yield "projection", f"its row says it finished at {row.finished_at}, its journal at {finished}"
    if isinstance(last, RunSucceeded) and row.output != column(machine.output):
        yield "projection", "its row has another output than its journal"
    if isinstance(last, RunFailed) and row.error != error_column(last):
        yield "projection", "its row has another error than its journal"


def _parked(row: Columns, examiner: Examiner) -> Found:
    """A run that hasn't ended is queued, with an executor that is known, or parked for a reason."""
    if row.status in ENDED:
        if row.owner is not None:
            yield "parked", f"it has ended and still belongs to executor {row.owner}"
    elif row.owner is not None:
        if not row.is_known:
            yield "parked", f"it belongs to executor {row.owner}, of which nobody knows: no host has taken it over"
    elif row.status != "queued" and row.mail == 0 and not row.is_set_aside and examiner.folds:
        machine, at = examiner.machine, examiner.last.at if examiner.last is not None else 0
        due = machine.wake_at(0)
        if row.wake_at is None and examiner.why_parked() is None:
            yield "parked", f"it is {row.status}, with nobody, and nothing will ever wake it"
        elif row.wake_at is None and machine.decide(at):
            yield "parked", "it is parked with something to do, and nothing will ever wake it"
        elif due is not None and machine.status != "paused" and (row.wake_at is None or row.wake_at > due):
            yield "parked", f"a step is due at {due}, and it is to be woken at {row.wake_at}"


def places_hold(places: Mapping[tuple[str, int], tuple[str, int | None]], examiner: Examiner) -> Found:
    """Who stands in line for a lock or holds one has a place, under the token its journal says, and nobody else has.

    `places`: the name and the token of each, by step and seed.
    """
    if not examiner.folds:
        return
    locks = examiner.machine.state.locks
    for key, step in locks.items():
        name, token = places.get((key, step.seed), (None, None))
        asked = step.wait[1] if step.wait is not None else ""
        if name != asked:
            yield "lock", f"{key} stands in line for the lock {asked} or holds it, and has no place"
        elif step.status != "waiting" and token != step.token:
            yield "lock", f"{key} is inside the lock {asked} under {step.token}, granted was {token}"
    known = {(key, step.seed) for key, step in locks.items()}
    for place, (name, _) in places.items():
        if place not in known:
            yield "lock", f"{place[0]} has a place at the lock {name} that its journal doesn't know of"


def beside_holds(told: Told, beside: Beside) -> Found:
    """Letters were consumed once, and messages were sent for what happened and for nothing else."""
    for kind, name, key in sorted(told.letters.keys() | beside.letters.keys()):
        once, read = told.letters[kind, name, key], beside.letters[kind, name, key]
        if once != read:
            what = f"{kind} {name} {key}".strip()
            yield "inbox", f"{what}: consumed {read} times, in the journal {once} times"
    if told.moves > beside.moves:
        yield "inbox", f"it was moved to another version {told.moves} times, and {beside.moves} letters asked for it"
    for step, reason in sorted(told.alerts.keys() | beside.messages.keys()):
        happened, sent = told.alerts[step, reason], beside.messages[step, reason]
        what = f"alert {reason} of {step or 'the run'}"
        if happened != sent:
            yield "outbox", f"{what}: {happened} in the journal, {sent} in the outbox"
        if beside.alerts[step, reason] < happened:
            yield "outbox", f"{what} is in the journal and not among the alerts"
