"""The document of a flow (the DSL, version 1) as typed data.

These models decide the shape of a document and nothing else: whether its node types exist, its
configs fit and its graph can run is decided by `flows.dsl.validate`, all problems at once.
"""

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from flows.dsl.durations import Duration
from flows.dsl.effects import Effect
from flows.security.safejson import Json

ID_PATTERN: Final = r"^[a-z][a-z0-9_]{0,62}$"
NodeId: TypeAlias = Annotated[str, Field(pattern=ID_PATTERN)]
OnError: TypeAlias = Literal["fail", "continue", "route"]


class Part(BaseModel):
    """A part of a document: unknown fields are refused, so that a typo is a problem and not a silence."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Position(Part):
    x: float
    y: float


class Retry(Part):
    """How a recoverable failure is tried again. `max_attempts` counts the first try."""

    max_attempts: Annotated[int, Field(ge=1, le=1_000_000)] = 3
    backoff: Literal["constant", "linear", "exponential"] = "exponential"
    initial: Duration = "1s"
    factor: Annotated[float, Field(ge=1, le=100)] = 2
    max: Duration = "60s"
    jitter: Annotated[float, Field(ge=0, le=1)] = 0.2
    max_elapsed: Duration | None = None


class Each(Part):
    """A node that runs once per item; its output is the list of outputs in order.

    `tolerate`: with `collect`, the share of items that may fail before the step does.
    """

    items: Json
    concurrency: Annotated[int, Field(ge=1, le=10_000)] = 1
    on_error: Literal["stop", "collect"] = "stop"
    tolerate: Annotated[float, Field(ge=0, le=1)] = 1.0


class JoinCount(Part):
    count: Annotated[int, Field(ge=1, le=10_000)]


class Node(Part):
    id: NodeId
    type: Annotated[str, Field(min_length=1, max_length=100)]
    label: Annotated[str, Field(max_length=200)] = ""
    description: Annotated[str, Field(max_length=5_000)] = ""
    position: Position | None = None
    config: dict[str, Json] = Field(default_factory=dict)
    credential: Annotated[str, Field(max_length=100)] | None = None
    parent: NodeId | None = None
    join: Literal["all", "any"] | JoinCount = "all"
    each: Each | None = None
    timeout: Duration | None = None
    retry: Retry | None = None
    on_error: OnError = "fail"
    effect: Effect | None = None
    disabled: bool = False


class Edge(Part):
    """An arrow from a port of one node to another node."""

    source: NodeId = Field(alias="from")
    target: NodeId = Field(alias="to")
    port: Annotated[str, Field(min_length=1, max_length=100)] = "out"


class Concurrency(Part):
    limit: Annotated[int, Field(ge=1, le=100_000)]
    key: str = ""
    when_full: Literal["queue", "reject", "cancel_oldest"] = "queue"


class Settings(Part):
    timeout: Duration | None = None
    on_failure: Literal["stop", "compensate"] = "stop"
    concurrency: Concurrency | None = None
    max_parallel: Annotated[int, Field(ge=1, le=10_000)] | None = None
    suspend_after: Annotated[int, Field(ge=0, le=1_000)] | None = None
    queue: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,62}$")] | None = None
    vars: dict[str, Json] = Field(default_factory=dict)


class Note(Part):
    id: NodeId
    text: Annotated[str, Field(max_length=20_000)] = ""
    color: Literal["yellow", "blue", "green", "pink", "grey"] = "yellow"
    position: Position
    width: Annotated[float, Field(gt=0, le=5_000)] = 200
    height: Annotated[float, Field(gt=0, le=5_000)] = 120
    parent: NodeId | None = None


class Case(Part):
    """A test of a flow: an input, mocked outcomes by step key, and what must come out."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    input: dict[str, Json] = Field(default_factory=dict)
    trigger: NodeId | None = None
    mocks: dict[str, list[dict[str, Json]]] = Field(default_factory=dict)
    expect: dict[str, Json] = Field(default_factory=dict)


class Document(Part):
    dsl: Literal[1] = 1
    name: Annotated[str, Field(max_length=200)] = ""
    description: Annotated[str, Field(max_length=20_000)] = ""
    inputs: dict[str, Json] = Field(default_factory=dict)
    settings: Settings = Field(default_factory=Settings)
    nodes: list[Node] = Field(default_factory=list)
    edges: list[Edge] = Field(default_factory=list)
    notes: list[Note] = Field(default_factory=list)
    tests: list[Case] = Field(default_factory=list)
    pins: dict[NodeId, Json] = Field(default_factory=dict)
