"""Messages on their way and those given up: looked at, tried again, dropped."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from flows.models import Delivery, Destination
from flows.operations import access, audit
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.pages import Page, page_of

MAX_CHOSEN: Final = 200
State = Literal["waiting", "sent", "dead", "dropped"]


@dataclass(frozen=True, slots=True)
class Retried:
    """How many are on their way again, and how many nobody takes still."""

    retried: int
    unrouted: int


def list_deliveries(
    actor: Actor, *, state: State = "dead", destination: UUID | None = None, cursor: str | None = None, limit: int = 50
) -> Page[Delivery]:
    """The workspace's deliveries in one state, newest first; the product's own among them."""
    access.require(actor, Permission.RUNS_READ)
    rows = Delivery.objects.filter(workspace_id=actor.workspace, state=state).select_related("message", "destination")
    return page_of(rows if destination is None else rows.filter(destination=destination), cursor=cursor, limit=limit)


@transaction.atomic
def retry_deliveries(actor: Actor, deliveries: Sequence[UUID]) -> Retried:
    """Try dead ones again, from the first attempt on, at their old place in line. Others are left as they are.

    One that nobody took is routed anew, by the topics that destinations take now.
    """
    access.require(actor, Permission.RUNS_STEER)
    dead = list(_chosen(actor, deliveries, ["dead"]).select_related("message"))
    lost = [one for one in dead if one.destination_id is None and one.message.step]
    found = {one.pk for one in lost}
    again = [one.pk for one in dead if one.pk not in found]
    now = timezone.now()
    Delivery.objects.filter(pk__in=again).update(
        state=Delivery.State.WAITING, blocks=True, tries=0, since=now, next_try_at=now, done_at=None, owner=None
    )
    unrouted = sum(not _route(one) for one in lost)
    done = Retried(len(dead) - unrouted, unrouted)
    if done.retried:
        audit.record(actor, "sent again", f"{done.retried} messages", deliveries=[str(one.pk) for one in dead])
    return done


@transaction.atomic
def drop_deliveries(actor: Actor, deliveries: Sequence[UUID]) -> int:
    """Give up those that wait or are dead: they never arrive, and later ones go on. How many there were."""
    access.require(actor, Permission.RUNS_STEER)
    chosen = [one.pk for one in _chosen(actor, deliveries, ["waiting", "dead"])]
    Delivery.objects.filter(pk__in=chosen).update(state=Delivery.State.DROPPED, blocks=False, done_at=timezone.now())
    if chosen:
        audit.record(actor, "dropped", f"{len(chosen)} messages", deliveries=[str(one) for one in chosen])
    return len(chosen)


def _chosen(actor: Actor, deliveries: Sequence[UUID], states: list[str]) -> QuerySet[Delivery]:
    rows = Delivery.objects.filter(workspace_id=actor.workspace, pk__in=deliveries, state__in=states)
    return rows.select_for_update(of=("self",)).order_by("pk")


def _route(lost: Delivery) -> bool:
    """Put a message that nobody took on its ways; whether there is one."""
    message = lost.message
    takers = [
        one
        for one in Destination.objects.select_for_update(no_key=True)
        .filter(workspace=lost.workspace, deleted_at=None)
        .order_by("pk")
        if any(_takes(topic, message.topic) for topic in one.topics)
    ]
    for one in takers:
        Delivery.objects.create(
            message=message,
            workspace_id=lost.workspace_id,
            destination=one,
            lane=f"{one.pk}:{message.key}" if message.key else "",
        )
    if takers:
        lost.delete()
    return bool(takers)


def _takes(pattern: str, topic: str) -> bool:
    return topic.startswith(pattern[:-1]) if pattern.endswith("*") else topic == pattern
