"""What a text with expressions gives on values at hand, while it is written; or where it is wrong, to the character.

It evaluates as a step does, in the sandbox, and knows nothing of runs: whoever asks hands the values in. What is not
handed in is unknown, not wrong. Nothing is written.
"""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flows.dsl.instants import format_instant
from flows.expr.compile import Compiled, compile_value
from flows.expr.errors import BadExpression, ExprError, TimedOut
from flows.expr.template import parse
from flows.operations import access
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.rehearsal import RehearsalTooLong, Stage
from flows.security import safejson
from flows.security.safejson import Json

SECONDS: Final = 2.0
MOST_BYTES: Final = 64 * 1024
"""What is larger is not shown: nobody reads it beneath a field."""

_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A value; or what must be known first; or an error and the characters it is about, from `start` to before `end`."""

    value: Json = None
    is_large: bool = False
    unknown: tuple[str, ...] = ()
    error: ExprError | None = None
    start: int = 0
    end: int = 0


def preview(actor: Actor, text: str, values: Mapping[str, Json]) -> Preview:
    """The text's value on these roots, as a step's config would have it now.

    Raises TooManyRehearsals, SandboxMissing or SandboxCrashed where it can't be told.
    """
    access.require(actor, Permission.FLOWS_READ)
    try:
        compiled = compile_value(text)
    except BadExpression as error:
        start, end = _bad_at(text, error)
        return Preview(error=error, start=start, end=end)
    unknown = _unknown(compiled, values)
    if unknown:
        return Preview(unknown=unknown)
    try:
        value = _value(text, compiled, values)
    except ExprError as error:
        start, end = _named_in(text, error)
        return Preview(error=error, start=start, end=end)
    is_large = len(safejson.dumps(value)) > MOST_BYTES
    return Preview(value=None if is_large else value, is_large=is_large)


def _unknown(compiled: Compiled, values: Mapping[str, Json]) -> tuple[str, ...]:
    """The roots and nodes that are read and were not handed in, in the order in which they are read."""
    nodes = values.get("nodes")
    there = nodes.keys() if isinstance(nodes, dict) else ()
    names: dict[str, None] = {}
    for reference in compiled.references:
        path = reference.path
        if path.node is not None and path.node not in there:
            names[f"nodes.{path.node}"] = None
        elif path.node is None and path.root != "now" and path.root not in values:
            names[path.root] = None
    return tuple(names)


def _value(text: str, compiled: Compiled, values: Mapping[str, Json]) -> Json:
    clock = time.time_ns() // 1_000
    roots = {**values, "now": format_instant(clock)}
    if compiled.is_closed:
        return compiled.resolve(roots)
    try:
        with Stage(SECONDS) as stage:
            return stage.evaluated(compiled, roots, clock)
    except RehearsalTooLong:
        raise TimedOut(expression=text[:80], seconds=round(SECONDS)) from None


def _bad_at(text: str, error: BadExpression) -> tuple[int, int]:
    """The word or the character that is wrong."""
    start = min(max(error.offset, 0), max(len(text) - 1, 0))
    word = _WORD.match(text, start)
    return start, word.end() if word else min(start + 1, len(text))


def _named_in(text: str, error: ExprError) -> tuple[int, int]:
    """Where the path or the expression stands that the error names; else the first expression."""
    for name in ("path", "expression"):
        words = str(error.fields.get(name, ""))
        start = text.find(words) if words else -1
        if start >= 0:
            return start, start + len(words)
    first = parse(text).sources[0]
    return first.start, first.start + len(first.text)
