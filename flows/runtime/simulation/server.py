"""PostgreSQL's part of the simulation: tables, sessions, row locks, and the product's own statements one by one.

It decides what a statement of the product does to the rows, by the statement itself: one it has not been taught is
refused. Sessions see what is committed and what they wrote themselves; a row is locked from the writing of it to the end of
the transaction. It refuses to know who sends what, how it travels and what becomes of it.
"""

import copy
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import psycopg

from flows.dsl.instants import Instant
from flows.runtime.simulation.rows import Delivery, Destination, Kept, Message

SECOND: Final = 1_000_000
ENDED: Final = frozenset({"succeeded", "failed", "cancelled"})
IDLE: Final = 8 * SECOND
"""How long a transaction may be silent, in a session that says so."""
Answer = list[tuple[Any, ...]]
Statement = Callable[["Server", "Session", Any], Answer]


def columns(values: Any) -> list[tuple[Any, ...]]:
    """The rows of what `unnest` is given."""
    return list(zip(*values, strict=True))


@dataclass(slots=True)
class RunRow:
    """A row of `flows_run`, as far as the runtime looks at it."""

    id: UUID
    workspace: UUID
    flow: UUID
    version_id: UUID
    document_hash: str
    number: int
    trigger: str = "start"
    input: str = "{}"
    status: str = "queued"
    priority: int = 0
    owner: UUID | None = None
    fence: int = 0
    seq: int = 0
    careful: bool = False
    mail: int = 0
    wake_at: Instant | None = None
    output: str | None = None
    error: str | None = None
    started_at: Instant | None = None
    finished_at: Instant | None = None
    parent_run: UUID | None = None
    parent_step: str = ""
    depth: int = 0
    awaited: bool = False
    line: str | None = None
    line_limit: int | None = None
    held: bool = False


@dataclass(slots=True)
class Mail:
    """A row of `flows_inbox`."""

    id: UUID
    run: UUID
    kind: str
    name: str
    key: str | None
    payload: str
    consumed: bool = False


@dataclass(slots=True)
class Asked:
    """A row of `flows_approval`."""

    id: UUID
    run: UUID
    step: str
    closed: bool = False


@dataclass(slots=True)
class Place:
    """A row of `flows_lockplace`."""

    id: int
    workspace: UUID
    run: UUID
    step: str
    seed: int
    name: str
    limit: int
    came: int
    """After so many commits."""
    token: int | None = None
    is_released: bool = False


@dataclass(slots=True)
class Breaker:
    """A row of `flows_breaker`."""

    target: str
    first_failed_at: Instant
    changed_at: Instant
    state: str = "closed"
    failures: int = 0
    trips: int = 0
    until: Instant | None = None


@dataclass(slots=True)
class Key:
    """A row of `flows_credential` that has a rate."""

    id: UUID
    secret: bytes
    apart: int
    """Microseconds from one turn to the next."""
    next_turn: Instant | None = None


@dataclass(slots=True, eq=False)
class Session:
    """One connection's end at the server."""

    name: str
    lives: bool = True
    is_open: bool = False
    """Whether a transaction is open."""
    is_aborted: bool = False
    is_watchful: bool = False
    """Whether it has asked the server to look after it: to end it when its transaction or its client fell silent."""
    rows: dict[UUID, RunRow] = field(default_factory=dict)
    """Its own versions of the rows it wrote."""
    laid: dict[UUID, Message] = field(default_factory=dict)
    """What it wrote to the outbox."""
    later: list[Callable[[], None]] = field(default_factory=list)
    advisory: set[int] = field(default_factory=set)
    listens: Callable[[str], None] | None = None
    bells: list[str] = field(default_factory=list)
    touched: Instant = 0
    looked: int = 0
    """After how many commits it looked who is next at a lock."""


class Locked(Exception):
    """A row or a name that is wanted belongs to another transaction."""


class Watching:
    """Who looks on: nobody, unless a world does. Each is told of what was committed."""

    def events(self, session: Session, run: UUID, rows: list[Any]) -> None:
        """These were written for a run."""

    def accepted(self, row: RunRow, fence: int) -> None:
        """Of a run in this state what came under this fence is written."""

    def refused(self, row: RunRow, fence: int) -> None:
        """What came under this fence goes on from where the run stands, and isn't written."""

    def snapshot(self, run: UUID, seq: int, data: bytes) -> None:
        """A snapshot was kept."""

    def granted(self, session: Session, places: list[Place]) -> None:
        """These were let in at their locks."""

    def let_in(self, picked: list[RunRow], held: list[RunRow]) -> None:
        """Of the runs that stood in one line these are let in."""

    def taken(self, picked: list[RunRow], free: list[RunRow]) -> None:
        """Of the ready runs that were free these were claimed."""

    def breaker(self, breaker: Breaker, state: str, at: Instant, *, by_hand: bool) -> None:
        """It is about to change to this state."""

    def reserved(self, credential: tuple[UUID, str], turn: Instant, apart: int) -> None:
        """A turn was given out."""

    def due(self, deliveries: list[Delivery]) -> None:
        """A relay looks for what may go, and of these the time has come."""

    def kept(self) -> None:
        """Somebody writes values, and has not committed them."""

    def needed(self, uses: list[tuple[UUID, str]]) -> None:
        """These runs need these values from now on."""

    def swept(self, names: list[str]) -> None:
        """These values were deleted."""

    def ended(self, session: Session) -> None:
        """A connection is gone."""


class Server:
    """The tables and who works on them, by a clock of the server's own."""

    has_keys = True
    """Whether the primary key of events is there."""

    def __init__(self, clock: Callable[[], Instant]) -> None:
        self.clock = clock
        self.runs: dict[UUID, RunRow] = {}
        self.events: dict[UUID, list[Any]] = defaultdict(list)
        self.inbox: dict[UUID, Mail] = {}
        self.payloads: dict[str, Kept] = {}
        self.needed: dict[tuple[UUID, str], bool] = {}
        """Which run needs which value, and whether it has let it go."""
        self.outbox: dict[UUID, Message] = {}
        self.deliveries: dict[int, Delivery] = {}
        self.destinations: list[Destination] = []
        self.alerts: list[tuple[UUID, str, str, str]] = []
        self.approvals: dict[UUID, Asked] = {}
        self.snapshots: dict[UUID, tuple[int, int, bytes]] = {}
        self.executors: dict[UUID, tuple[int, Instant]] = {}
        self.began: dict[UUID, Instant] = {}
        """When each executor there ever was began."""
        self.versions: dict[tuple[UUID, str], str] = {}
        self.numbered: dict[tuple[UUID, int, str], UUID] = {}
        """Versions by flow, number and hash."""
        self.flow_names: dict[UUID, str] = {}
        self.places: dict[int, Place] = {}
        self.breakers: dict[tuple[UUID, str], Breaker] = {}
        self.credentials: dict[tuple[UUID, str], Key] = {}
        self.numbers = 1_000
        self.places_drawn = self.tokens_drawn = self.positions_drawn = 0
        """What sequences have given out, whatever became of it."""
        self.commits = 0
        self.sessions: list[Session] = []
        self.locks: dict[Hashable, Session] = {}
        self.waiting: list[Callable[[], None]] = []
        self.has_news = True
        self.watch = Watching()

    # --- sessions -------------------------------------------------------------------------------------------------

    def connect(self, name: str) -> Session:
        session = Session(name)
        self.sessions.append(session)
        return session

    def end(self, session: Session) -> None:
        """The connection is gone: what it had not committed never was."""
        if session.lives:
            self.watch.ended(session)
        session.lives = False
        session.advisory.clear()
        session.listens = None
        self.sessions.remove(session) if session in self.sessions else None
        self.roll_back(session)

    def begin(self, session: Session) -> None:
        session.is_open, session.touched = True, self.clock()

    def roll_back(self, session: Session) -> None:
        self._close(session)

    def commit(self, session: Session) -> None:
        """All of it, at once."""
        if session.is_aborted:
            self._close(session)
            return
        self.runs.update(session.rows)
        self.has_news |= bool(session.rows)
        self.commits += 1
        for write in session.later:
            write()
        bells = list(session.bells)
        self._close(session)
        for bell in bells:
            self.ring(bell)

    def ring(self, bell: str) -> None:
        for session in list(self.sessions):
            if session.listens is not None:
                session.listens(bell)

    def _close(self, session: Session) -> None:
        session.is_open = session.is_aborted = False
        session.rows, session.laid, session.later, session.bells = {}, {}, [], []
        for thing in [thing for thing, holder in self.locks.items() if holder is session]:
            del self.locks[thing]
        waiting, self.waiting = self.waiting, []
        for again in waiting:
            again()

    def by_itself(self, session: Session, work: Callable[[], object]) -> None:
        """One statement, committed at once. Raises Locked."""
        work()
        self.commit(session)

    def is_idle(self, session: Session) -> bool:
        return session.is_open and session.is_watchful and self.clock() - session.touched > IDLE

    # --- rows -----------------------------------------------------------------------------------------------------

    def seen(self, session: Session, run: UUID) -> RunRow | None:
        return session.rows.get(run) or self.runs.get(run)

    def all_seen(self, session: Session) -> Iterable[RunRow]:
        return (self.runs | session.rows).values() if session.rows else self.runs.values()

    def is_live(self, run: UUID) -> bool:
        """Whether, for everyone, it hasn't ended."""
        return self.runs[run].finished_at is None

    def lock(self, session: Session, thing: Hashable) -> None:
        """A run's row, or a name. Raises Locked where another transaction has it."""
        holder = self.locks.get(thing)
        if holder is not None and holder is not session:
            raise Locked
        self.locks[thing] = session

    def changed(self, session: Session, run: UUID) -> RunRow:
        """A version of this row that the session may write, locked."""
        self.lock(session, run)
        row = session.rows.get(run)
        if row is None:
            row = session.rows[run] = copy.copy(self.runs[run])
        return row

    def free(self, rows: Iterable[RunRow]) -> Iterator[RunRow]:
        """Those nobody has locked."""
        return (row for row in rows if row.id not in self.locks)

    def unread(self, runs: Iterable[UUID]) -> list[Mail]:
        wanted = set(runs)
        return [mail for mail in self.inbox.values() if mail.run in wanted and not mail.consumed]

    def is_locked_by_anyone(self, lock: int) -> bool:
        return any(lock in session.advisory for session in self.sessions)

    def refuse(self, session: Session, error: psycopg.Error) -> psycopg.Error:
        """The statement fails, and with it the transaction it stands in."""
        if session.is_open:
            session.is_aborted = True
        else:
            self.roll_back(session)
        return error
