"""What a start must know of a version, worked out once per process: where runs enter, their queue, their input.

Versions never change, so nothing here is ever stale.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final
from uuid import UUID

from jsonschema.exceptions import SchemaError
from referencing.exceptions import Unresolvable

from flows.dsl.binding import credentials_of, laid_over, open_vars
from flows.dsl.document import Concurrency, Document
from flows.dsl.inputs import InputSchema, TooCostly, Unusable
from flows.errors import BadInput, Conflict
from flows.models import Version
from flows.nodes.installed import catalogue
from flows.operations import documents
from flows.security.safejson import Json

MANUAL: Final = "trigger.manual"
SUSPEND_AFTER: Final = 20
"""Failures in a row after which a flow is suspended, where its settings don't say."""


class InputRefused(BadInput):
    """The input doesn't fit the flow: {path}: {reason}"""

    code = "input_refused"
    hint = "See the flow's inputs for what it takes."

    def __init__(self, *, path: str, reason: str, place: Iterable[str | int] = ()) -> None:
        super().__init__(path=path, reason=reason)
        self.place = ("input", *place)


class NoTrigger(BadInput):
    """{reason}"""

    code = "no_trigger"


class NotBound(Conflict):
    """{names}: not bound to a credential in {environment}."""

    code = "credential_not_bound"
    hint = "Bind each of them to a credential of the workspace in the environment's settings."


class NoValue(Conflict):
    """{names}: the flow leaves the value to the environment, and {environment} has none."""

    code = "variable_missing"
    hint = "Give them a value in the environment's settings, or a default in the flow's."


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """An environment as runs meet it; `id` is None for the default one, `setting` where it gives nothing.

    The default one is lenient: what isn't bound there is the credential of the same name.
    """

    name: str
    id: UUID | None = None
    setting: UUID | None = None
    vars: Mapping[str, Json] = field(default_factory=dict)
    credentials: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """`triggers` maps the ids of trigger nodes to their types; `version` is None for a draft."""

    version: UUID | None
    number: int | None
    hash: str
    triggers: Mapping[str, str]
    queue: str
    inputs: InputSchema | None
    concurrency: Concurrency | None = None
    vars: Mapping[str, Json] = field(default_factory=dict)
    suspend_after: int = SUSPEND_AFTER
    credentials: frozenset[str] = frozenset()
    environment: UUID | None = None
    setting: UUID | None = None

    def within(self, around: Around) -> "Facts":
        """The same in an environment. Raises NotBound, NoValue."""
        if around.id is not None:
            if free := self.credentials.difference(around.credentials):
                raise NotBound(names=", ".join(sorted(free)), environment=around.name)
            if lacking := open_vars(laid_over(self.vars, around.vars)):
                raise NoValue(names=", ".join(sorted(lacking)), environment=around.name)
        elif around.setting is None:
            return self
        given = laid_over(self.vars, around.vars)
        return replace(self, vars=given, environment=around.id, setting=around.setting)

    def enter(self, trigger: str | None) -> str:
        """The trigger a run starts at: the one named, else the manual one, else the only one. Raises NoTrigger.

        Empty for a part that holds no trigger.
        """
        if not self.triggers and trigger is None:
            return ""
        if trigger is not None:
            if trigger in self.triggers:
                return trigger
            raise NoTrigger(reason=f"{trigger!r} is not a trigger of this flow; it has {', '.join(self.triggers)}")
        manual = [node for node, kind in self.triggers.items() if kind == MANUAL]
        if manual:
            return manual[0]
        if len(self.triggers) == 1:
            return next(iter(self.triggers))
        raise NoTrigger(reason="say which trigger the run starts at: " + ", ".join(self.triggers))

    def check_input(self, given: Json, trigger: str) -> dict[str, Json]:
        """The input of a run that enters by this trigger. Raises InputRefused.

        The flow's inputs describe what is given by hand or by a program; what another trigger makes of an
        outside happening has that trigger's own shape.
        """
        if not isinstance(given, dict):
            raise InputRefused(path="$", reason="the input is a JSON object")
        if self.inputs is not None and self.triggers.get(trigger, MANUAL) == MANUAL:
            _check(self.inputs, given)
        return given


@lru_cache(maxsize=1024)
def facts_of_version(version: UUID) -> Facts:
    """Raises Version.DoesNotExist."""
    row = Version.objects.get(pk=version)
    return facts_of(documents.document_of(row), row.hash, version=version, number=row.number)


def facts_of(document: Document, content_hash: str, *, version: UUID | None = None, number: int | None = None) -> Facts:
    known = catalogue()
    triggers = {
        node.id: node.type
        for node in document.nodes
        if not node.disabled and (found := known.get(node.type)) is not None and found.role == "trigger"
    }
    inputs = InputSchema(document.inputs) if document.inputs else None
    settings = document.settings
    return Facts(
        version=version,
        number=number,
        hash=content_hash,
        triggers=triggers,
        queue=settings.queue or "default",
        inputs=inputs,
        concurrency=settings.concurrency,
        vars=settings.vars,
        credentials=credentials_of(document),
        suspend_after=settings.suspend_after if settings.suspend_after is not None else SUSPEND_AFTER,
    )


def _check(schema: InputSchema, given: dict[str, Json]) -> None:
    try:
        error = schema.first_fault(given)
    except (Unresolvable, SchemaError, Unusable) as problem:
        raise InputRefused(path="$", reason=f"its schema can't be used ({problem})") from None
    except RecursionError:
        raise InputRefused(path="$", reason="its schema refers to itself without end") from None
    except TooCostly:
        raise InputRefused(path="$", reason="it takes too much work to hold it against its schema") from None
    if error is not None:
        raise InputRefused(path=error.json_path, reason=error.message[:500], place=error.absolute_path)
