"""The state of a run: what folding its journal gives.

These are plain records. Only the fold changes them, only deciding reads them, and `snapshot` keeps them.
Everything to be decided stands on a list of its own, so that neither folding an event nor deciding looks at
more than what the event touched: the cost of a run grows with its steps, whatever the size of its flow.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from flows.dsl.instants import Instant
from flows.engine.commands import Assembly, Purpose
from flows.engine.events import ErrorInfo, ItemsListed, Value
from flows.engine.outputs import Outputs
from flows.engine.plan import NodePlan, Region
from flows.security.safejson import Json

Status: TypeAlias = Literal[
    "pending",
    "ready",
    "running",
    "retrying",
    "waiting",
    "succeeded",
    "failed",
    "skipped",
    "cancelled",
    "uncertain",
    "compensated",
]
"""As in the terms, and `ready` between pending and running (outside it is still `pending`)."""

ENDED: Final = frozenset({"succeeded", "failed", "skipped", "cancelled", "compensated"})

Verdict: TypeAlias = Literal["skip", "pass", "unreachable", "open", "poisoned"]
"""What is to be journaled of a step that needs no attempt: all its ways are dead; it is disabled; its count
can't be met; it is a scope that opens; it killed three processes."""

ScopeKind: TypeAlias = Literal["root", "item", "turn", "try", "lock", "undo"]


@dataclass(frozen=True, slots=True)
class Cause:
    """Where a failure began: the key and node of the step, and its error."""

    step: str
    node: str
    error: ErrorInfo


@dataclass(frozen=True, slots=True)
class Footing:
    """What all attempts of a step with an effect stand on: the first one's clock and seed, and the nodes whose
    outputs weren't there for it."""

    at: Instant
    seed: int
    unread: frozenset[str]


class Step:
    """One activation of a node. `left`: incoming edges not decided yet; `taken`: those that were taken."""

    __slots__ = (
        "again",
        "alone_losses",
        "attempt",
        "base",
        "checking",
        "deadline",
        "default",
        "due",
        "error",
        "farewell",
        "finished_at",
        "footing",
        "given",
        "index",
        "inner",
        "key",
        "leaving",
        "left",
        "losses",
        "output",
        "owner",
        "passed",
        "plan",
        "port",
        "scope",
        "seed",
        "stage",
        "stages",
        "started_at",
        "status",
        "stepped_over",
        "taken",
        "token",
        "tried_since",
        "verdict",
        "wait",
        "window",
    )

    def __init__(
        self, key: str, plan: NodePlan, scope: "Scope", owner: "Step | None" = None, index: int | None = None
    ) -> None:
        self.key = key
        self.plan = plan
        self.scope = scope
        self.owner = owner
        """The step whose items this is one of (an `each`), and its place there."""
        self.index = index
        self.status: Status = "pending"
        self.verdict: Verdict | None = None
        self.left = plan.incoming
        self.taken = 0
        self.attempt = 0
        self.base = 0
        """Attempts spent before the container around it was retried; they don't count again."""
        self.seed = 0
        self.losses = 0
        self.alone_losses = 0
        self.started_at: Instant | None = None
        self.tried_since: Instant | None = None  # when the first of the attempts that count (`base`) began
        self.finished_at: Instant | None = None
        self.due: Instant | None = None
        self.deadline: Instant | None = None
        self.default: Literal["approved", "rejected"] | None = None
        """Of a waiting approval: the decision that counts where people have made none by `due`."""
        self.stages: tuple[Instant, ...] = ()
        """Of a waiting approval: when it goes on to further people, and then to others still."""
        self.stage = 0  # how many times it has gone on to further people
        self.port: str | None = None
        self.output: Value = None
        self.error: ErrorInfo | None = None
        self.wait: tuple[str, str] | None = None
        """What a waiting step waits on: (timer, ""), (signal, name), (child, run id), (approval, id),
        (lock, name), (breakpoint, "")."""
        self.token: int | None = None
        """Of a lock that was granted: the fencing token."""
        self.again: dict[str, Json] | None = None  # work in several goes: what it had come to after the last
        self.farewell = False  # whether it isn't cut between two goes: one more takes back what it has begun
        self.leaving = False  # whether that go, or one that follows from it, has begun
        self.passed = False  # whether a breakpoint before it lies behind it
        self.checking = False  # whether its attempt in flight only looks at the breakpoint
        self.given: tuple[Value] | None = None
        """What a person gave it in place of its resolved config."""
        self.footing: Footing | None = None
        """Of a step with an effect, once it began: what each attempt stands on."""
        self.stepped_over = False
        """Whether it never ran although it succeeded: there is nothing to undo."""
        self.window: Window | None = None
        self.inner: Scope | None = None

    @property
    def purpose(self) -> Purpose:
        """What an attempt of this step is for."""
        kind = self.plan.kind
        if self.checking:
            return "breakpoint"
        if kind == "while":
            return "condition"
        return "items" if kind == "for_each" or (kind == "each" and self.owner is None) else "run"


class Scope:
    """The nodes of a region in one go: the run itself, an iteration, the inside of a try, an undo.

    `open`: how many of its nodes haven't ended; `dead`: no edge leads on any more, because something in it
    failed (`failure`) or because what it belongs to is over (`killed`). `keep`: a container around it may be
    retried, so that its steps are remembered after a failure. `name` is its key in the state; `prefix` is
    what the keys of its steps begin with.
    """

    __slots__ = (
        "dead",
        "failure",
        "index",
        "keep",
        "killed",
        "kind",
        "name",
        "open",
        "owner",
        "parent",
        "prefix",
        "region",
        "steps",
    )

    keep: bool

    def __init__(
        self,
        kind: ScopeKind,
        name: str,
        prefix: str,
        region: Region,
        *,
        parent: "Scope | None" = None,
        owner: Step | None = None,
        index: int | None = None,
    ) -> None:
        self.kind = kind
        self.name = name
        self.prefix = prefix
        self.region = region
        self.parent = parent
        self.owner = owner
        self.index = index
        self.steps: dict[str, Step] = {}
        self.open = len(region.nodes)
        self.dead = False
        self.keep = parent is not None and (parent.keep or (owner is not None and owner.plan.retry is not None))
        self.killed = False
        self.failure: Cause | None = None


class Window:
    """The items or turns of a step: which run, which are done, and what came of them.

    `next`: the first that never began; `again`: places to run once more, before those; `cut`: places that
    began and were cancelled; `unsure`: steps of which nobody knows whether they acted; `spent`: attempts used up at a place whose step is forgotten;
    `came_to`: what such a step had come to that was cut between two goes of its work; `cause`: why it stopped; `last`: the output of the last turn; `tolerate`: the share of collected failures it goes on with;
    `kept`: places that aren't run, whose outputs are those in the list `base`, and of them `left`: had failed.
    """

    __slots__ = (
        "again",
        "base",
        "came_to",
        "cause",
        "collect",
        "concurrency",
        "count",
        "cut",
        "failed",
        "footings",
        "items",
        "kept",
        "last",
        "left",
        "live",
        "next",
        "outputs",
        "resume",
        "spent",
        "tolerate",
        "unsure",
    )

    def __init__(self, items: Value, count: int, concurrency: int, *, collect: bool, tolerate: float = 1.0) -> None:
        self.items = items
        self.count = count
        self.concurrency = concurrency
        self.collect = collect
        self.tolerate = tolerate
        self.next = 0
        self.resume: int | None = None
        """Where to go on after `next` was cancelled away."""
        self.live: dict[int, Step | Scope] = {}
        self.outputs = Outputs(count)
        self.failed: dict[int, Cause] = {}
        self.again: deque[int] = deque()
        self.cut: dict[int, None] = {}
        self.unsure: dict[int, Step] = {}
        self.spent: dict[int, int] = {}
        self.footings: dict[int, Footing] = {}
        """As `spent`: what the attempts at such a place stood on, and the next ones will."""
        self.came_to: dict[int, dict[str, Json]] = {}
        self.cause: Cause | None = None
        self.last: Assembly = None
        self.base: Value = None
        self.kept: frozenset[int] = frozenset()
        self.left: frozenset[int] = frozenset()

    @property
    def lost(self) -> int:
        """Items that failed, here or in the run they are kept from."""
        return len(self.failed) + len(self.left)

    @property
    def done(self) -> int:
        """Items that ended, well or badly."""
        return self.next - len(self.live) - len(self.again)


@dataclass(slots=True)
class Ending:
    """Why the run is to end before its steps did. `cause` is None for a stop that succeeded and a cancel."""

    way: Literal["stopped", "failed", "timed_out", "over_limit", "cancelled"]
    cause: Cause | None = None
    output: Value = None
    reason: str = ""
    compensate: bool = False


@dataclass(slots=True)
class State:
    """Everything known about a run."""

    root: Scope
    compensates: bool = False
    steps: dict[str, Step] = field(default_factory=dict)
    """By key; those of finished iterations are gone."""
    scopes: dict[str, Scope] = field(default_factory=dict)
    seq: int = 0
    begun: bool = False
    input: Value = None
    started_at: Instant = 0
    deadline: Instant | None = None
    result: Literal["succeeded", "failed", "cancelled"] | None = None
    output: Value = None
    failure: ErrorInfo | None = None
    paused: bool = False
    given: dict[str, Value] = field(default_factory=dict)
    """Outputs of nodes outside the part that is run."""
    listed: dict[str, ItemsListed] = field(default_factory=dict)
    """Steps of whose items only some are run, until they have begun."""
    retired: dict[str, None] = field(default_factory=dict)
    """Nodes that ran before the run was moved to a version without them."""

    # What is to be decided, each list in the order it came up.
    ready: deque[Step] = field(default_factory=deque)
    verdicts: dict[str, Step] = field(default_factory=dict)
    gathers: dict[str, Step] = field(default_factory=dict)
    closing: dict[str, Scope | Step] = field(default_factory=dict)
    flights: dict[str, Step] = field(default_factory=dict)
    uncertain: dict[str, Step] = field(default_factory=dict)
    timers: list[tuple[Instant, str]] = field(default_factory=list)
    """A heap of due times and keys ("" is the run's own); entries that no longer hold stay until they surface."""
    alerts: deque[tuple[str, ErrorInfo, str]] = field(default_factory=deque)
    corrupt: Step | None = None
    mail: dict[str, deque[Value]] = field(default_factory=dict)
    awaiting: dict[str, dict[str, Step]] = field(default_factory=dict)
    matched: dict[str, None] = field(default_factory=dict)
    breakpoints: dict[str, str] = field(default_factory=dict)
    """Conditions by node id; empty: always."""
    locks: dict[str, Step] = field(default_factory=dict)
    """Steps that stand in line for a lock or hold one; what runs inside one that has ended still holds it."""

    held: int = 0
    """How many places for outputs of items stand in windows."""

    # The end.
    ending: Ending | None = None
    root_over: bool = False
    completed: list[Step] = field(default_factory=list)
    """Steps with an undo, in the order they were completed."""
    compensating: bool = False
    undoing: Scope | None = None
    undone: Step | None = None


def locks_around(step: Step) -> Iterator[Step]:
    """The locks that a step runs inside, the nearest first."""
    scope: Scope | None = step.scope
    while scope is not None:
        if scope.owner is not None and scope.owner.plan.kind == "lock":
            yield scope.owner
        scope = scope.parent
