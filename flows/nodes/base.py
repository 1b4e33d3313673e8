"""The node SDK: everything the author of a node imports.

It decides how a function with a typed config becomes a node type. It refuses to know how a step is
scheduled, journaled or shown. `docs/writing-a-node.md` is its guide.
"""

import inspect
import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, TypeVar, get_type_hints

from pydantic import BaseModel, ConfigDict, WithJsonSchema

from flows.dsl.catalogue import Role
from flows.dsl.effects import Effect
from flows.dsl.fields import PerItem, Verbatim, field_rules
from flows.nodes.errors import BadConfig, BadNodeType, Critical, NodeError, NotSent, Permanent, Recoverable, Unanswered
from flows.nodes.kinds import EffectFrom, EffectOf, Example, NodeType, Ports, PortsFrom, Repeatable, never
from flows.nodes.results import Again, Answer, Call, Items, Publish, Result, Stop, WaitFor, WaitUntil, as_result
from flows.nodes.step import LogLevel, Step, StepContext
from flows.security.credentials import Credential
from flows.security.safejson import Json

__all__ = [
    "Again",
    "Answer",
    "BadConfig",
    "BadNodeType",
    "Call",
    "Credential",
    "Critical",
    "Effect",
    "EffectFrom",
    "Example",
    "Items",
    "Json",
    "List",
    "LogLevel",
    "NodeConfig",
    "NodeError",
    "NodeType",
    "NotSent",
    "PerItem",
    "Permanent",
    "PortsFrom",
    "Publish",
    "Recoverable",
    "Result",
    "Step",
    "StepContext",
    "Stop",
    "Unanswered",
    "Value",
    "Verbatim",
    "WaitFor",
    "WaitUntil",
    "_",
    "as_result",
    "node",
]

NAME: Final = re.compile(r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$")

C = TypeVar("C", bound=BaseModel)


def _(text: str) -> str:
    """Mark a text for translation; the faces translate it, each for its reader."""
    return text


Value = Annotated[Any, WithJsonSchema({})]
"""Any JSON value, handed on as it is: a field of this type costs nothing to validate, however large."""

List = Annotated[list[Any], WithJsonSchema({"type": "array"})]
"""A list of any JSON values, which are not walked."""


class NodeConfig(BaseModel):
    """The form of a node. Unknown fields are refused; the model is not changed once made."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def node(
    name: str,
    *,
    label: str,
    icon: str,
    category: str,
    effect: EffectOf,
    description: str = "",
    summary: str = "",
    credential: str | None = None,
    needs_credential: bool = False,
    ports: Ports = ("out",),
    role: Role = "task",
    example: Example | None = None,
    labels: Mapping[str, str] | None = None,
    output: type[BaseModel] | None = None,
    repeatable: Repeatable = never,
) -> Callable[[Callable[[C, Step], Any]], NodeType]:
    """Make a node type of `async def f(config: SomeConfig, step: Step) -> …`, or of a plain function.

    The docstring is the node's documentation (Markdown); `repeatable`: configs of which a second time is harmless;
    `output` describes plain values, a function annotated with a model needs it not. Raises BadNodeType.
    """

    def make(function: Callable[[C, Step], Any]) -> NodeType:
        config, returned = _models(name, function)
        return NodeType(
            name=name,
            label=label,
            icon=icon,
            category=category,
            config=config,
            function=function,
            effect_of=effect,
            is_async=inspect.iscoroutinefunction(function),
            role=role,
            description=description,
            docs=inspect.cleandoc(function.__doc__ or ""),
            summary=summary,
            credential=credential,
            needs_credential=needs_credential,
            ports_of=ports,
            output=output or returned,
            example=example,
            rules=field_rules(config),
            labels=labels or {},
            repeatable=repeatable,
        )

    return make


def _models(name: str, function: Callable[..., Any]) -> tuple[type[BaseModel], type[BaseModel] | None]:
    """The config model and, where the result is a model, that of the output."""
    if not NAME.fullmatch(name):
        raise BadNodeType("a name is lower-case words joined by dots, such as billing.charge", name=name)
    hints = get_type_hints(function)
    parameters = list(inspect.signature(function).parameters)
    config = hints.get(parameters[0]) if len(parameters) == 2 else None
    if not (isinstance(config, type) and issubclass(config, BaseModel)):
        raise BadNodeType("its function must take (config: a NodeConfig, step: Step), both annotated", name=name)
    output = hints.get("return")
    is_model = isinstance(output, type) and issubclass(output, BaseModel)
    return config, output if is_model else None
