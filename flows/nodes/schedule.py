"""The moments of a schedule, by cron or by an interval, in its time zone."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from flows.dsl.durations import parse_duration
from flows.errors import phrase

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
SHORTEST: Final = timedelta(seconds=1)
# What the library says of a bad expression, in words of ours.
_WHY: Final = {
    "Wrong number of fields": phrase("it has five fields, or six with the seconds before them"),
    "Bad minute": phrase("its minute is wrong"),
    "Bad hour": phrase("its hour is wrong"),
    "Bad day-of-month": phrase("its day of the month is wrong"),
    "Bad month": phrase("its month is wrong"),
    "Bad day-of-week": phrase("its day of the week is wrong"),
}


def zone_of(name: str) -> ZoneInfo:
    """A time zone by its name (`Asia/Seoul`). Raises ValueError."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        said = phrase("{name} is not a time zone; write one such as Asia/Seoul or UTC", name=repr(name))
        raise ValueError(said) from None


def moments(after: datetime, *, cron: str | None, every: str | None, timezone: str = "UTC") -> Iterator[datetime]:
    """The moments past `after`, in order, in UTC; they may end. Raises ValueError for a bad schedule.

    An interval counts from the epoch, so that the moments of `every: 15m` are the same on every host
    and after every restart. Cron follows the wall clock of its zone, over its changes of hour.
    """
    if (cron is None) == (every is None):
        raise ValueError("a schedule has either cron or every")
    return _by_interval(after, every) if every is not None else _by_cron(after, cron or "", zone_of(timezone))


def next_moments(
    after: datetime, *, cron: str | None = None, every: str | None = None, timezone: str = "UTC", count: int = 5
) -> list[datetime]:
    """The next few moments, for showing."""
    return list(islice(moments(after, cron=cron, every=every, timezone=timezone), count))


def _by_interval(after: datetime, every: str) -> Iterator[datetime]:
    interval = timedelta(microseconds=parse_duration(every))
    if interval < SHORTEST:
        raise ValueError("a schedule starts at most once a second")
    first = EPOCH + ((after - EPOCH) // interval + 1) * interval
    return _counted(first, interval)


def _counted(moment: datetime, interval: timedelta) -> Iterator[datetime]:
    while True:
        yield moment
        try:
            moment += interval
        except OverflowError:
            return


def _by_cron(after: datetime, cron: str, zone: ZoneInfo) -> Iterator[datetime]:
    try:
        slots = CronSim(cron, after.astimezone(zone))
    except CronSimError as error:
        raise ValueError(
            phrase(
                "{cron} is not a cron expression: {reason}", cron=repr(cron), reason=_WHY.get(str(error), str(error))
            )
        ) from None
    return (moment.astimezone(UTC) for moment in slots)
