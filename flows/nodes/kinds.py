"""Node types as data: what the decorator makes of a function, and how ports and effects depend on a config.

A config here is the unresolved one of the document; where an expression stands in place of a value,
the answer is the one that promises least.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from pydantic import BaseModel, ValidationError

from flows.dsl.catalogue import Role
from flows.dsl.effects import Effect
from flows.dsl.fields import FieldRules
from flows.dsl.phrases import plain_words
from flows.nodes.errors import BadConfig
from flows.nodes.results import Result, as_result
from flows.nodes.step import Step
from flows.security.safejson import Json

Config: TypeAlias = Mapping[str, Json]


def pointed(config: Config, pointer: str) -> list[Any]:
    """The values at a JSON Pointer into the config, where `*` stands for every item of a list."""
    found: list[Any] = [config]
    for part in pointer.removeprefix("/").split("/"):
        here, found = found, []
        for value in here:
            if part == "*" and isinstance(value, list):
                found.extend(value)
            elif isinstance(value, dict) and part in value:
                found.append(value[part])
    return found


@dataclass(frozen=True, slots=True)
class PortsFrom:
    """Ports named in the config: those at `pointer`, the fixed ones, and those at the pointers of `also`."""

    pointer: str
    then: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    def __call__(self, config: Config) -> tuple[str, ...]:
        named = pointed(config, self.pointer)
        also = [name for pointer in self.also for name in pointed(config, pointer)]
        return tuple(dict.fromkeys(name for name in (*named, *self.then, *also) if isinstance(name, str) and name))


@dataclass(frozen=True, slots=True)
class EffectFrom:
    """An effect class chosen by one field of the config, whatever its case; `otherwise` for values not named and for
    expressions."""

    pointer: str
    by: Mapping[str, Effect]
    otherwise: Effect
    default: str

    def __call__(self, config: Config) -> Effect:
        values = pointed(config, self.pointer) or [self.default]
        chosen = values[0].upper() if isinstance(values[0], str) else ""
        return next((effect for value, effect in self.by.items() if value.upper() == chosen), self.otherwise)


Ports: TypeAlias = tuple[str, ...] | PortsFrom
EffectOf: TypeAlias = Effect | EffectFrom | Callable[[Config], Effect]


@dataclass(frozen=True, slots=True)
class Example:
    """A config that works, run by the tests; `input` and `vars` are what its expressions read."""

    config: dict[str, Json]
    output: Json = None
    port: str = "out"
    input: dict[str, Json] = field(default_factory=dict)
    vars: dict[str, Json] = field(default_factory=dict)


Repeatable: TypeAlias = Callable[[Config], bool]


def never(config: Config) -> bool:
    """Nothing is known that would make a second time harmless."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NodeType:
    """One kind of node. Satisfies `flows.dsl.catalogue.NodeType`; made once, at import, by `node`."""

    name: str
    label: str
    icon: str
    category: str
    config: type[BaseModel]
    function: Callable[[Any, Step], Any]
    effect_of: EffectOf
    is_async: bool
    role: Role = "task"
    description: str = ""
    docs: str = ""
    summary: str = ""
    credential: str | None = None
    needs_credential: bool = False
    """Whether it can't run without one."""
    ports_of: Ports = ("out",)
    output: type[BaseModel] | None = None
    example: Example | None = None
    rules: FieldRules = field(default_factory=FieldRules)
    """Which config fields are verbatim, which are resolved per item of which other."""
    repeatable: Repeatable = never
    labels: Mapping[str, str] = field(default_factory=dict)
    """Texts for enum values of the form, by value."""

    def ports(self, config: dict[str, Json]) -> tuple[str, ...]:
        """The ports a success may leave from."""
        return self.ports_of(config) if isinstance(self.ports_of, PortsFrom) else self.ports_of

    def effect(self, config: dict[str, Json]) -> Effect:
        """The effect class; the strictest one it could be where an expression decides."""
        return self.effect_of if isinstance(self.effect_of, Effect) else self.effect_of(config)

    def repeats_safely(self, config: dict[str, Json]) -> bool:
        """Whether doing it twice surely leaves the target as doing it once would; an author is warned otherwise."""
        return self.repeatable(config)

    def validate(self, resolved: Json) -> BaseModel:
        """The typed config of a resolved one. Raises BadConfig, naming each field that does not fit."""
        try:
            return self.config.model_validate(resolved)
        except ValidationError as error:
            raise BadConfig(_reason(error)) from None

    async def perform(self, config: BaseModel, step: Step) -> Result:
        """Run the node. A plain function runs in a thread."""
        if self.is_async:
            return as_result(await self.function(config, step))
        return as_result(await asyncio.to_thread(self.function, config, step))


def _reason(error: ValidationError) -> str:
    # Values are left out: a resolved config may hold what must not be shown.
    found = error.errors(include_url=False, include_context=False, include_input=False)
    lines = [f"{'.'.join(map(str, item['loc'])) or 'config'}: {plain_words(item['msg'])}" for item in found[:10]]
    return "; ".join(lines)
