"""Schedules: at each moment of one, a run. However many hosts look, a moment starts one run: the row is locked by
one of them, and the moment is the run's key.

Decides what becomes of moments that passed while nobody looked. Who looks, and when, is the worker's business.
"""

import logging
from collections import deque
from datetime import datetime, timedelta
from itertools import islice, takewhile
from typing import Any, Final

import orjson
from django.db import transaction
from django.db.models import Min

from flows.errors import MulgilError
from flows.models import Alert, Trigger
from flows.nodes.schedule import moments
from flows.operations.activation import SCHEDULE, next_slot
from flows.operations.actor import system
from flows.operations.starting import Order, place

# A moment this late was missed: nobody looked while it passed.
LATE: Final = timedelta(seconds=60)
MOST_MISSED: Final = 1_000
MOST_COUNTED: Final = 200_000
AT_ONCE: Final = 100

log = logging.getLogger(__name__)


def start_due(now: datetime) -> datetime | None:
    """Start what is due; the next moment anything is."""
    for _ in range(AT_ONCE):
        if not _start_one(now):
            break
    soonest: datetime | None = Trigger.objects.filter(kind=SCHEDULE, active=True).aggregate(next=Min("next_at"))["next"]
    return soonest


@transaction.atomic
def _start_one(now: datetime) -> bool:
    rows = Trigger.objects.select_for_update(skip_locked=True).filter(kind=SCHEDULE, active=True, next_at__lte=now)
    trigger = rows.order_by("next_at").first()
    if trigger is None or trigger.next_at is None:
        return False
    config = orjson.loads(trigger.config)
    try:
        slots, trigger.next_at = due_slots(config, first=trigger.next_at, now=now), next_slot(config, now)
    except (ValueError, OverflowError) as error:
        # A zone that is gone, say. It must not stand before the schedules of all others for ever.
        slots, trigger.next_at = [], None
        _tell(trigger, str(error))
    for moment in slots:
        _start(trigger, moment)
    trigger.save(update_fields=["next_at"])
    return True


def due_slots(config: dict[str, Any], *, first: datetime, now: datetime) -> list[datetime]:
    """The moments to start now, by the schedule's policy for missed ones: `skip`, `last` (the default) or `all`."""
    fields: dict[str, Any] = {
        "cron": config.get("cron"),
        "every": config.get("every"),
        "timezone": config.get("timezone") or "UTC",
    }
    before = first - timedelta(microseconds=1)
    passed = takewhile(lambda moment: moment <= now, moments(before, **fields))
    if config.get("missed") == "all":
        return list(islice(passed, MOST_MISSED))
    newest = list(deque(islice(passed, MOST_COUNTED), maxlen=1))
    return [moment for moment in newest if config.get("missed") != "skip" or now - moment < LATE]


def _start(trigger: Trigger, moment: datetime) -> None:
    text = moment.isoformat().replace("+00:00", "Z")
    order = Order(input={"scheduled_at": text}, trigger=trigger.node, key=f"slot:{trigger.pk}:{text}")
    try:
        with transaction.atomic():
            where = None if trigger.environment.is_default else trigger.environment.name
            place(system(trigger.workspace_id, "schedule"), trigger.flow_id, order, environment=where)
    except MulgilError as error:
        _tell(trigger, error.message)


def _tell(trigger: Trigger, message: str) -> None:
    log.warning("the schedule of flow %s could not start it: %s", trigger.flow_id, message)
    Alert.objects.create(
        workspace_id=trigger.workspace_id,
        flow_id=trigger.flow_id,
        step=trigger.node,
        code="schedule_failed",
        message=message,
    )
