"""What comes with a flow: the schema of its inputs, its tests, its pinned outputs."""

import re
from collections.abc import Iterator
from typing import Any, Final

import orjson
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from flows.dsl.document import Case
from flows.dsl.inputs import unusable_parts
from flows.dsl.problem import Problem, pointer, problem
from flows.dsl.validate.outline import Outline
from flows.security.safejson import Json

# Checking a schema compares the items of a list with each other: what is longer may take for ever.
MAX_SCHEMA: Final = 128 * 2**10
MAX_LIST: Final = 1_000

_OUTCOME: Final = frozenset({"output", "port", "error", "after"})
_ENDS: Final = frozenset({"output", "port", "error"})
_EXPECTED: Final = frozenset(
    {
        *("run", "steps", "order", "overlap", "absent", "count", "attempts", "finished_at"),
        *("output_of", "output", "error_code", "error_message", "alerts"),
    }
)
_NODE_OF_KEY: Final = re.compile(r"(?:[a-z][a-z0-9_]*(?:\[\d+\])?/)*([a-z][a-z0-9_]*)(?:\[\d+\])?")


def check_samples(found: Outline) -> Iterator[Problem]:
    """Inputs, pins, tests."""
    yield from _check_inputs(found.raw.get("inputs", {}))
    pins = found.raw.get("pins", {})
    for name in pins if isinstance(pins, dict) else ():
        if name not in found.named:
            yield problem("unknown_pin", path=pointer("pins", name), id=str(name))
    for index, case in found.tests:
        for part, reason in _faults(found, case):
            yield problem("bad_test", path=pointer("tests", index, *part), name=case.name, reason=reason)


def _check_inputs(schema: Any) -> Iterator[Problem]:
    if not isinstance(schema, dict):
        return
    if len(orjson.dumps(schema)) > MAX_SCHEMA or _longest_list(schema) > MAX_LIST:
        reason = f"it is over the limit of {MAX_SCHEMA} bytes or of {MAX_LIST} items in a list"
        yield problem("bad_inputs", path="/inputs", reason=reason)
        return
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        path = pointer("inputs", *error.absolute_path)
        yield problem("bad_inputs", path=path, reason=error.message[:200])
    except RecursionError:
        yield problem("bad_inputs", path="/inputs", reason="it is nested too deep")
    else:
        for place, reason in unusable_parts(schema):
            yield problem("bad_inputs", path=pointer("inputs", *place), reason=reason)
    for path in _foreign_references(schema):
        yield problem("bad_inputs", path=path, reason="$ref may only point into this schema, with #/…")


def _longest_list(schema: Json) -> int:
    longest = 0
    stack = [schema]
    while stack:
        value = stack.pop()
        if isinstance(value, list):
            longest = max(longest, len(value))
            stack += value
        elif isinstance(value, dict):
            stack += value.values()
    return longest


def _foreign_references(schema: Json) -> Iterator[str]:
    """Where the schema points at another document, which nobody fetches."""
    stack: list[tuple[Json, str]] = [(schema, "/inputs")]
    while stack:
        value, path = stack.pop()
        if isinstance(value, dict):
            target = value.get("$ref")
            if isinstance(target, str) and not target.startswith("#"):
                yield f"{path}/$ref"
            stack += [(inner, path + pointer(key)) for key, inner in value.items()]
        elif isinstance(value, list):
            stack += [(inner, f"{path}/{index}") for index, inner in enumerate(value)]


def _faults(found: Outline, case: Case) -> Iterator[tuple[tuple[str | int, ...], str]]:
    trigger = found.nodes.get(case.trigger) if case.trigger is not None else None
    if case.trigger is not None and (trigger is None or (trigger.type is not None and trigger.type.role != "trigger")):
        yield ("trigger",), f"{case.trigger} is no trigger of this flow"
    for key, outcomes in case.mocks.items():
        node = _NODE_OF_KEY.fullmatch(key)
        if node is None or node[1] not in found.named:
            yield ("mocks", key), f"{key[:80]} is no step of this flow"
        for number, outcome in enumerate(outcomes):
            unknown = sorted(outcome.keys() - _OUTCOME)
            if unknown:
                yield ("mocks", key, number), f"an outcome has output, port, error or after, not {', '.join(unknown)}"
            elif "error" in outcome and len(outcome.keys() & _ENDS) > 1:
                yield ("mocks", key, number), "an attempt either fails or gives an output"
    for name in sorted(case.expect.keys() - _EXPECTED):
        yield ("expect", name), f"{name} can't be expected; known are {', '.join(sorted(_EXPECTED))}"
