"""A small catalogue and short ways to write documents, for the tests of the document layer."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from flows.dsl import control
from flows.dsl.catalogue import Role
from flows.dsl.document import Document
from flows.dsl.durations import Duration
from flows.dsl.effects import Effect
from flows.dsl.fields import PerItem, Verbatim
from flows.dsl.problem import Problem
from flows.dsl.validate import validate
from flows.security.safejson import Json


class Config(BaseModel):
    model_config = ConfigDict(extra="forbid")


class LogConfig(Config):
    message: str = ""
    level: str = "info"


class HttpConfig(Config):
    method: str = "GET"
    url: str
    timeout: Duration | None = None
    retries: int = 0
    json_: Json = Field(default=None, alias="json")


class SqlConfig(Config):
    sql: Verbatim
    params: list[Json] = Field(default_factory=list)


class FilterConfig(Config):
    items: list[Json]
    condition: Annotated[list[Json], PerItem("items")]


@dataclass(frozen=True, kw_only=True)
class Kind:
    name: str
    role: Role = "task"
    config: type[BaseModel] = control.NoConfig
    credential: str | None = None
    needs_credential: bool = False
    own_ports: tuple[str, ...] = ("out",)
    own_effect: Effect = Effect.PURE

    def ports(self, config: dict[str, Json]) -> tuple[str, ...]:
        return control.switch_ports(config) if self.name == "flow.switch" else self.own_ports

    def repeats_safely(self, config: dict[str, Json]) -> bool:
        return config.get("safe") is True

    def effect(self, config: dict[str, Json]) -> Effect:
        return self.own_effect


class Kinds:
    def __init__(self, kinds: Iterable[Kind]) -> None:
        self._kinds = {kind.name: kind for kind in kinds}

    def get(self, name: str) -> Kind | None:
        return self._kinds.get(name)

    def names(self) -> Iterable[str]:
        return self._kinds


CATALOGUE = Kinds(
    [
        Kind(name="trigger.manual", role="trigger"),
        Kind(name="trigger.webhook", role="trigger"),
        Kind(name="log", config=LogConfig),
        Kind(name="http.request", config=HttpConfig, credential="http", own_effect=Effect.KEYED),
        Kind(
            name="database.postgres",
            config=SqlConfig,
            credential="postgres",
            needs_credential=True,
            own_effect=Effect.TRANSACTIONAL,
        ),
        Kind(name="data.filter", config=FilterConfig),
        Kind(name="flow.if", config=control.IfConfig, own_ports=("true", "false")),
        Kind(name="flow.switch", config=control.SwitchConfig),
        Kind(name="flow.wait", config=control.WaitConfig),
        Kind(name="flow.stop", config=control.StopConfig, own_ports=()),
        Kind(name="flow.for_each", role="container", config=control.ForEachConfig),
        Kind(name="flow.while", role="container", config=control.WhileConfig),
        Kind(name="flow.try", role="container", config=control.TryConfig, own_ports=("out", "caught")),
        Kind(name="flow.lock", role="container", config=control.LockConfig),
    ]
)

START: dict[str, Any] = {"id": "start", "type": "trigger.manual"}


def log(name: str, **fields: Any) -> dict[str, Any]:
    """A log node."""
    return {"id": name, "type": "log", **fields}


def says(name: str, message: str, **fields: Any) -> dict[str, Any]:
    """A log node with a message, the usual place for an expression."""
    return log(name, config={"message": message}, **fields)


def edge(path: str) -> dict[str, Any]:
    """`a>b` or `a.port>b`."""
    source, target = path.split(">")
    name, _, port = source.partition(".")
    return {"from": name, "to": target, **({"port": port} if port else {})}


def flow(*nodes: dict[str, Any], edges: str = "", **fields: Any) -> dict[str, Any]:
    """A document of a start and these nodes; `edges` as `start>a a.true>b`."""
    return {"dsl": 1, "nodes": [START, *nodes], "edges": [edge(one) for one in edges.split()], **fields}


def document(*nodes: dict[str, Any], edges: str = "", **fields: Any) -> Document:
    return Document.model_validate(flow(*nodes, edges=edges, **fields))


def problems(raw: Any, credentials: Collection[str] | None = None) -> list[Problem]:
    return validate(raw, CATALOGUE, credentials)


def codes(raw: Any, credentials: Collection[str] | None = None) -> list[str]:
    return [one.code for one in problems(raw, credentials)]


def only(raw: Any, credentials: Collection[str] | None = None) -> Problem:
    """The one problem of a document."""
    found = problems(raw, credentials)
    assert len(found) == 1, [(one.code, one.path, one.message) for one in found]
    return found[0]
