"""The moments of a schedule: the first one after an instant, by cron or by an interval, in its time zone."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from flows.dsl.durations import parse_duration
from flows.errors import BadInput
from flows.security.safejson import Json

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def next_slot(config: Mapping[str, Json], *, after: datetime) -> datetime | None:
    """The first moment past `after`; None where there will never be one. Raises BadInput for a bad schedule.

    An interval counts from the epoch, so that the moments of `every: 15m` are the same on every host and
    after every restart.
    """
    every, cron = config.get("every"), config.get("cron")
    if isinstance(every, str) and every:
        return _by_interval(every, after)
    if isinstance(cron, str) and cron:
        return _by_cron(cron, str(config.get("timezone") or "UTC"), after)
    raise BadInput(reason="a schedule has either cron or every")


def _by_interval(every: str, after: datetime) -> datetime:
    try:
        step = parse_duration(every)
    except ValueError as error:
        raise BadInput(reason=str(error)) from None
    if step < 1_000_000:
        raise BadInput(reason="a schedule starts at most once a second")
    passed = (after - EPOCH) // timedelta(microseconds=1)
    return EPOCH + timedelta(microseconds=(passed // step + 1) * step)


def _by_cron(cron: str, zone: str, after: datetime) -> datetime | None:
    try:
        local = after.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInput(reason=f"{zone!r} is not a time zone") from None
    try:
        return next(CronSim(cron, local)).astimezone(UTC)
    except CronSimError as error:
        raise BadInput(reason=f"{cron!r} is not a cron expression: {error}") from None
    except StopIteration:
        return None
