"""Destinations: where published messages go, and which topics are routed to each. Set up by the workspace's admins.

A message is routed in the transaction that writes it, so what is changed here counts for messages from then on. How
they are delivered is the relay's business.
"""

import re
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.utils import timezone

from flows.dsl.durations import UNITS, parse_duration
from flows.errors import BadInput, Conflict, MulgilError, NotFound
from flows.models import Credential, Delivery, Destination
from flows.operations import access, audit
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.pages import Page, page_of
from flows.runtime.http_sink import check_url
from flows.runtime.sinks import HTTP, require_kind
from flows.security import safejson
from flows.security.safejson import Json

MAX_TOPICS: Final = 50
MAX_CONFIG: Final = 16 * 1024
MAX_ATTEMPTS: Final = 1_000
LONGEST: Final = 30 * 86_400
PATTERN: Final = re.compile(r"\*|[A-Za-z0-9_][A-Za-z0-9_./:-]{0,199}\*?")


class NameTaken(Conflict):
    """There is a destination named {name} already."""

    code = "name_taken"


class StillNeeded(Conflict):
    """{count} messages of {name} wait or are dead."""

    code = "destination_needed"
    hint = "Let them arrive or drop them first; a destination without topics gets no new ones."


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A destination as it is to be. `max_age`: a duration; `credential`, `signing`: names, empty for none."""

    name: str
    kind: str = HTTP
    config: dict[str, Json] = field(default_factory=dict)
    topics: list[str] = field(default_factory=list)
    credential: str = ""
    signing: str = ""
    active: bool = True
    max_attempts: int = 20
    max_age: str = "1d"
    waits_for_dead: bool = False


def list_destinations(actor: Actor, *, cursor: str | None = None, limit: int = 50) -> Page[Destination]:
    """The workspace's destinations, newest first."""
    access.require(actor, Permission.RUNS_READ)
    return page_of(
        Destination.objects.filter(workspace_id=actor.workspace, deleted_at=None), cursor=cursor, limit=limit
    )


def find_destination(actor: Actor, destination: UUID) -> Destination:
    access.require(actor, Permission.RUNS_READ)
    found = Destination.objects.filter(pk=destination, workspace_id=actor.workspace, deleted_at=None).first()
    if found is None:
        raise NotFound(thing="destination")
    return found


def create_destination(actor: Actor, wanted: Wanted) -> Destination:
    """Raises BadInput, UnknownSink, NameTaken."""
    access.require(actor, Permission.OUTBOX_WRITE)
    made = Destination(workspace_id=actor.workspace)
    _become(actor, made, wanted)
    audit.record(actor, "created", f"destination {made.name}", kind=made.kind, topics=made.topics)
    return made


@transaction.atomic
def change_destination(actor: Actor, destination: UUID, wanted: Wanted) -> Destination:
    """Messages on their way go by what it says now. Raises BadInput, UnknownSink, NameTaken."""
    access.require(actor, Permission.OUTBOX_WRITE)
    find_destination(actor, destination)
    found = Destination.objects.select_for_update().get(pk=destination)
    _become(actor, found, wanted)
    # Who waits behind a dead message is decided by what is wanted now, for those dead already too.
    dead = Delivery.objects.filter(destination=found, state=Delivery.State.DEAD).exclude(lane="")
    dead.exclude(blocks=found.waits_for_dead).update(blocks=found.waits_for_dead)
    audit.record(actor, "changed", f"destination {found.name}", kind=found.kind, topics=found.topics)
    return found


@transaction.atomic
def delete_destination(actor: Actor, destination: UUID) -> None:
    """Raises StillNeeded while messages wait for it or are dead."""
    access.require(actor, Permission.OUTBOX_WRITE)
    find_destination(actor, destination)
    # A message that is being routed to it shares its row; after this lock none can come any more.
    found = Destination.objects.select_for_update().get(pk=destination)
    count = Delivery.objects.filter(destination=found, state__in=("waiting", "dead")).count()
    if count:
        raise StillNeeded(count=count, name=found.name)
    found.deleted_at = timezone.now()
    found.save(update_fields=["deleted_at"])
    audit.record(actor, "deleted", f"destination {found.name}")


def standing(actor: Actor, destinations: list[UUID]) -> dict[UUID, tuple[int, int]]:
    """How many messages of each wait, and how many are dead."""
    access.require(actor, Permission.RUNS_READ)
    rows = (
        Delivery.objects.filter(
            workspace_id=actor.workspace, state__in=("waiting", "dead"), destination__in=destinations
        )
        .values("destination")
        .annotate(waiting=Count("pk", filter=Q(state="waiting")), dead=Count("pk", filter=Q(state="dead")))
    )
    return {row["destination"]: (row["waiting"], row["dead"]) for row in rows}


def age_of(destination: Destination) -> str:
    """How long it tries, in the largest unit that tells it whole."""
    microseconds = destination.max_age * 1_000_000
    unit, size = next((unit, size) for unit, size in reversed(UNITS.items()) if microseconds % size == 0)
    return f"{microseconds // size}{unit}"


def _become(actor: Actor, destination: Destination, wanted: Wanted) -> None:
    require_kind(wanted.kind)
    destination.name = wanted.name.strip()
    destination.kind, destination.config = wanted.kind, _config(wanted)
    destination.topics = _topics(wanted.topics)
    destination.credential = _credential(actor, wanted.credential, "http" if wanted.kind == HTTP else None)
    destination.signing = _credential(actor, wanted.signing, "webhook")
    destination.is_active, destination.waits_for_dead = wanted.active, wanted.waits_for_dead
    destination.max_attempts, destination.max_age = wanted.max_attempts, _age(wanted.max_age)
    if not destination.name:
        raise BadInput(reason="a destination needs a name")
    if not 1 <= wanted.max_attempts <= MAX_ATTEMPTS:
        raise BadInput(reason=f"a destination is tried 1 to {MAX_ATTEMPTS} times")
    try:
        with transaction.atomic():
            destination.save()
    except IntegrityError:
        raise NameTaken(name=destination.name) from None


def _config(wanted: Wanted) -> dict[str, Any]:
    if wanted.kind == HTTP:
        if wanted.config.keys() != {"url"}:
            raise BadInput(reason="the settings of an HTTP destination are its url")
        try:
            check_url(str(wanted.config["url"]))
        except MulgilError as error:
            raise BadInput(reason=error.message) from None
    if len(safejson.dumps(wanted.config).encode()) > MAX_CONFIG:
        raise BadInput(reason=f"the settings of a destination have at most {MAX_CONFIG} bytes")
    return wanted.config


def _topics(topics: list[str]) -> list[str]:
    cleaned = list(dict.fromkeys(topic.strip() for topic in topics if topic.strip()))
    if len(cleaned) > MAX_TOPICS:
        raise BadInput(reason=f"a destination takes at most {MAX_TOPICS} topics")
    for topic in cleaned:
        if not PATTERN.fullmatch(topic):
            raise BadInput(reason=f"{topic!r} is no topic: letters, digits and _ - . / :, and * at its end")
    return cleaned


def _credential(actor: Actor, name: str, kind: str | None) -> str:
    if not name:
        return ""
    found = Credential.objects.filter(workspace_id=actor.workspace, name=name).values_list("kind", flat=True).first()
    if found is None:
        raise BadInput(reason=f"there is no credential named {name}")
    if kind is not None and found != kind:
        raise BadInput(reason=f"the credential {name} is of the kind {found}, and {kind} is needed")
    return name


def _age(text: str) -> int:
    try:
        seconds = parse_duration(text) // 1_000_000
    except ValueError:
        seconds = 0
    if not 1 <= seconds <= LONGEST:
        raise BadInput(reason="a destination tries for 1s to 30d, such as 1h or 1d")
    return seconds
