"""Durations as people write them: `500ms 30s 5m 24h 7d`, held as whole microseconds."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from flows.security.limits import LIMITS

UNITS: Final = {"ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}
PATTERN: Final = r"^([0-9]{1,15})(ms|s|m|h|d)$"
_DURATION: Final = re.compile(r"([0-9]{1,15})(ms|s|m|h|d)")


def parse_duration(text: str) -> int:
    """Microseconds of a duration text. Raises ValueError with the forms that are known, and beyond five years."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a duration; write 500ms, 30s, 5m, 24h or 7d")
    duration = int(match[1]) * UNITS[match[2]]
    if duration > LIMITS.sleep:
        raise ValueError(f"{text!r} is over the limit of five years")
    return duration


def _checked(text: str) -> str:
    try:
        parse_duration(text)
    except ValueError as error:
        raise PydanticCustomError("bad_duration", "{reason}", {"reason": str(error)}) from None
    return text


Duration = Annotated[
    str, AfterValidator(_checked), WithJsonSchema({"type": "string", "format": "mulgil-duration", "pattern": PATTERN})
]
