"""Durations as people write them: `500ms 30s 5m 24h 7d`, held as whole microseconds."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, WithJsonSchema

UNITS: Final = {"ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}
PATTERN: Final = r"^(\d{1,12})(ms|s|m|h|d)$"
_DURATION: Final = re.compile(PATTERN)


def parse_duration(text: str) -> int:
    """Microseconds of a duration text. Raises ValueError with the forms that are known."""
    match = _DURATION.match(text)
    if match is None:
        raise ValueError(f"{text!r} is not a duration; write 500ms, 30s, 5m, 24h or 7d")
    return int(match[1]) * UNITS[match[2]]


def _checked(text: str) -> str:
    parse_duration(text)
    return text


Duration = Annotated[
    str, AfterValidator(_checked), WithJsonSchema({"type": "string", "format": "mulgil-duration", "pattern": PATTERN})
]
