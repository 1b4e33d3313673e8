"""What the journal is made of, as plain data: rows of events and what changes beside them in one transaction."""

from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple
from uuid import UUID


class Row(NamedTuple):
    """One event as it is stored. `at`: microseconds since the epoch; `data`: JSON text, kept to the byte."""

    seq: int
    kind: str
    step: str | None
    at: int
    data: str


@dataclass(slots=True, kw_only=True)  # made for each step: frozen it would cost three times as much
class Projection:
    """The columns of a run that follow from its journal, and whether its executor lets go of it.

    Instants in microseconds; `output` and `error` are JSON text. A `None` output, error or instant leaves
    the column as it stands, except `wake_at`, which is always set.
    """

    status: str
    wake_at: int | None = None
    output: str | None = None
    error: str | None = None
    started_at: int | None = None
    finished_at: int | None = None
    let_go: bool = False
    careful: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message for the world, delivered by the outbox relay; `payload` and `headers` are JSON text.

    `step`: the step that publishes it to the workspace's destinations; empty for the product's own.
    """

    topic: str
    key: str
    payload: str
    step: str = ""
    headers: str = "{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRow:
    """Something a person should see."""

    step: str
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildRow:
    """A run that a step of this one calls. It is made in the transaction of the event that speaks of it, or never.

    `input` is JSON text; `sequence`: what gives the flow's runs their numbers; `awaited`: whether its end is told.
    """

    id: UUID
    workspace: UUID
    flow: UUID
    version: UUID
    document_hash: str
    trigger: str
    input: str
    sequence: str
    queue: str
    step: str
    depth: int
    awaited: bool
    priority: int = 0
    is_test: bool = False
    started_by: str = ""
    line: str | None = None
    line_limit: int | None = None
    environment: UUID | None = None
    setting: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterRow:
    """A letter from this run to another; dropped where that one has ended. `payload` is JSON text.

    `names`: the hash of the value it speaks of, which the other run needs from now on.
    """

    to: UUID
    kind: str
    name: str
    key: str | None
    payload: str
    names: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotRow:
    """The machine's state after `seq`, in the text of codec version `codec`."""

    seq: int
    codec: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """A value kept beside the journal by the sha256 of its JSON bytes; `value`: what they say, where that is known."""

    hash: str
    data: bytes
    value: Any = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRow:
    """What people are asked by a step; `form` is the JSON text of a schema, `due` in microseconds.

    `escalation`: JSON text of the people of each stage, `{after, at, users, roles, groups}`; `stages`: when they come.
    """

    id: UUID
    step: str
    title: str
    message: str
    users: list[str]
    roles: list[str]
    groups: list[str]
    escalation: str
    stages: tuple[int, ...]
    quorum: int
    comment: bool
    form: str
    due: int | None
    default: Literal["approved", "rejected"] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalStage:
    """An approval goes on to the people of this stage, counted from 1."""

    id: UUID
    stage: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalEnd:
    """What came of an approval for its run: approved, rejected, timeout or cancelled."""

    id: UUID
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRow:
    """A step stands in line for a lock. `seed`: of the attempt that asked; `due`: until when, in microseconds."""

    step: str
    seed: int
    name: str
    limit: int
    due: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedItemsRow:
    """Items that a step went on without: `failed` of `count`, the first at `place`, and why that one failed."""

    step: str
    failed: int
    count: int
    place: int
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedRow:
    """The version of its flow that the run goes by from now on."""

    version: UUID
    document_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentRow:
    """What a step has come to with a deployment: the fields of its row that the node tells; `left`: why it ended without
    a word of its node, where it did."""

    step: str
    told: dict[str, Any]
    left: str | None = None


@dataclass(slots=True)
class Batch:
    """All that one flush writes for one run."""

    run: UUID
    fence: int
    was: int
    rows: list[Row]
    projection: Projection
    consumed: list[UUID]
    messages: list[Message]
    alerts: list[AlertRow]
    children: list[ChildRow]
    letters: list[LetterRow]
    payloads: list[Payload]
    snapshot: SnapshotRow | None
    asked: list[ApprovalRow] = field(default_factory=list)
    staged: list[ApprovalStage] = field(default_factory=list)
    closed: list[ApprovalEnd] = field(default_factory=list)
    places: list[PlaceRow] = field(default_factory=list)
    given_up: list[FailedItemsRow] = field(default_factory=list)
    deployments: list[DeploymentRow] = field(default_factory=list)
    left: list[tuple[str, int]] = field(default_factory=list)
    """Places in lines of locks that are taken, and those that are left, by step and seed."""
    named: list[str] = field(default_factory=list)
    """Hashes of the payloads that its events name."""
    moved: MovedRow | None = None

    @property
    def is_plain(self) -> bool:
        """Whether it is events and the run's own row, with nothing beside them."""
        return not (
            self.consumed
            or self.messages
            or self.alerts
            or self.children
            or self.letters
            or self.payloads
            or self.named
            or self.snapshot
            or self.asked
            or self.staged
            or self.closed
            or self.places
            or self.given_up
            or self.deployments
            or self.left
            or self.moved
        )

    @property
    def seq(self) -> int:
        """The seq of the run after this batch."""
        return self.was + len(self.rows)
