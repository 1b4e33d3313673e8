"""What the document layer must know of node types, and no more.

The catalogue itself stands in `flows.nodes`, above; it is handed down as this Protocol.
"""

from collections.abc import Iterable
from typing import Literal, Protocol, TypeAlias

from pydantic import BaseModel

from flows.dsl.effects import Effect
from flows.security.safejson import Json

Role: TypeAlias = Literal["trigger", "task", "container"]


class NodeType(Protocol):
    """One kind of node, as validation, the plan and the editor see it."""

    @property
    def name(self) -> str: ...
    @property
    def role(self) -> Role: ...
    @property
    def config(self) -> type[BaseModel]: ...
    @property
    def credential(self) -> str | None:
        """The kind of credential it takes, None where it takes none."""

    @property
    def needs_credential(self) -> bool:
        """Whether it can't run without one."""

    def ports(self, config: dict[str, Json]) -> tuple[str, ...]:
        """The ports a success may leave from, for this (unresolved) config; `error` and `compensate` are implied."""

    def effect(self, config: dict[str, Json]) -> Effect:
        """The effect class for this (unresolved) config; the strictest one it could be where an expression decides."""

    def repeats_safely(self, config: dict[str, Json]) -> bool:
        """Whether doing it twice with this (unresolved) config surely leaves the target as doing it once would."""


class Catalogue(Protocol):
    def get(self, name: str) -> NodeType | None: ...
    def names(self) -> Iterable[str]: ...
