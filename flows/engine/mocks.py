"""Mocked attempts, as documents' tests and the conformance vectors write them.

By step key, a list of attempt outcomes in order: `{"output": …}`, `{"port": "true"}`,
`{"error": {"class", "message", "code"?}}`, each with `"after": "5s"` for how long it takes. Beyond the list,
and without one, a step succeeds at once with null. Of a `flow.lock`, `after` says how long others hold it.
"""

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias, cast, get_args

from flows.dsl.durations import parse_duration
from flows.engine.events import ErrorInfo
from flows.engine.outcomes import Failed, Outcome, Succeeded
from flows.errors import BadInput, ErrorClass
from flows.security.safejson import Json

Mocks: TypeAlias = Mapping[str, Sequence[Mapping[str, Json]]]

_CLASSES: Final = get_args(ErrorClass)


class BadMock(BadInput):
    """The mock of {step} can't be played: {reason}"""

    code = "bad_mock"


def play(mocks: Mocks, step: str, turn: int) -> tuple[Outcome, int]:
    """The outcome of the attempt at place `turn` (from 0), and how long it takes, in microseconds."""
    outcomes = mocks.get(step, ())
    if turn >= len(outcomes):
        return Succeeded(), 0
    mock = outcomes[turn]
    return _outcome(step, mock), _duration(step, mock)


def _duration(step: str, mock: Mapping[str, Json]) -> int:
    after = mock.get("after", "0ms")
    try:
        return parse_duration(str(after))
    except ValueError as error:
        raise BadMock(step=step, reason=str(error)) from None


def _outcome(step: str, mock: Mapping[str, Json]) -> Outcome:
    if "error" in mock:
        return Failed(_error(step, mock["error"]), not_sent=mock.get("not_sent") is True)
    port = mock.get("port", "out")
    if not isinstance(port, str):
        raise BadMock(step=step, reason="`port` must be the name of a port")
    return Succeeded(output=mock.get("output"), port=port)


def _error(step: str, error: Json) -> ErrorInfo:
    if not isinstance(error, dict) or error.get("class", "permanent") not in _CLASSES:
        raise BadMock(step=step, reason=f"`error` must be an object whose `class` is one of {', '.join(_CLASSES)}")
    return ErrorInfo(
        code=str(error.get("code", "mocked")),
        message=str(error.get("message", "")),
        klass=cast("ErrorClass", error.get("class", "permanent")),
    )
