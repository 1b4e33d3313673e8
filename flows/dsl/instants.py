"""Instants: RFC 3339 text outside, whole microseconds since the Unix epoch inside."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, TypeAlias

from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

Instant: TypeAlias = int

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_RFC3339: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def parse_instant(text: str) -> Instant:
    """Microseconds since the epoch. Raises ValueError when the text is not RFC 3339 with an offset."""
    if not _RFC3339.fullmatch(text):
        raise ValueError(f"{text!r} is not an instant; write 2026-01-31T09:30:00Z or with an offset such as +09:00")
    try:
        moment = datetime.fromisoformat(text.upper())
        return (moment - _EPOCH) // _MICROSECOND
    except (ValueError, OverflowError):
        raise ValueError(f"{text!r} is not a day and time of the calendar") from None


def format_instant(instant: Instant) -> str:
    """RFC 3339 in UTC with `Z`; milliseconds or microseconds only where there are any."""
    moment = _EPOCH + timedelta(microseconds=instant)
    return moment.isoformat(timespec="auto").replace("+00:00", "Z")


def _checked(text: str) -> str:
    try:
        parse_instant(text)
    except ValueError as error:
        raise PydanticCustomError("bad_instant", "{reason}", {"reason": str(error)}) from None
    return text


InstantText = Annotated[str, AfterValidator(_checked), WithJsonSchema({"type": "string", "format": "date-time"})]
