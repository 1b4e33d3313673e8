"""Filters of the lists of runs and of flows that someone keeps: their own, and those shared in the workspace.

It decides who sees and who removes one; it refuses to know what a filter finds. Saving under a name that one has
already for the same list replaces it.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from flows.errors import BadInput, Forbidden, LimitExceeded, NotFound
from flows.models import SavedFilter
from flows.operations import access, audit
from flows.operations.access import Permission
from flows.operations.actor import Actor

MAX_NAME: Final = 80
MAX_FILTERS: Final = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class FilteredList:
    """A list whose filters are kept: the words of its page's address, and what reading it and sharing one take."""

    name: str
    words: frozenset[str]
    reading: Permission
    sharing: Permission


RUNS: Final = FilteredList(
    name="runs",
    words=frozenset({"flow", "status", "version", "last", "code", "test", "environment", "q"}),
    reading=Permission.RUNS_READ,
    sharing=Permission.RUNS_STEER,
)
FLOWS: Final = FilteredList(
    name="flows",
    words=frozenset({"q", "tag", "archived"}),
    reading=Permission.FLOWS_READ,
    sharing=Permission.FLOWS_WRITE,
)


def list_filters(actor: Actor, of: FilteredList) -> list[SavedFilter]:
    """One's own and the shared ones, by name."""
    access.require(actor, of.reading)
    return list(_seen(actor, of).select_related("user").order_by("name", "pk"))


@transaction.atomic
def save_filter(actor: Actor, of: FilteredList, *, name: str, said: dict[str, str], is_shared: bool) -> SavedFilter:
    """Keep it under this name, in place of one's own that has it.

    Raises BadInput, Forbidden, LimitExceeded.
    """
    access.require(actor, of.reading)
    if actor.user is None:
        raise Forbidden(verb="keep filters without a user")
    if is_shared:
        access.require(actor, of.sharing)
    cleaned = " ".join(name.split())
    if not 1 <= len(cleaned) <= MAX_NAME or "\x00" in cleaned:
        raise BadInput(reason=f"the name of a filter has 1 to {MAX_NAME} characters")
    if unknown := set(said) - of.words:
        raise BadInput(reason=f"{', '.join(sorted(unknown))}: known are {', '.join(sorted(of.words))}")
    own = SavedFilter.objects.filter(workspace_id=actor.workspace, user_id=actor.user, listed=of.name)
    if own.exclude(name=cleaned).count() >= MAX_FILTERS:
        raise LimitExceeded(what="The number of filters", size=MAX_FILTERS + 1, limit=MAX_FILTERS)
    kept, _ = SavedFilter.objects.update_or_create(
        workspace_id=actor.workspace,
        user_id=actor.user,
        listed=of.name,
        name=cleaned,
        defaults={"filter": said, "is_shared": is_shared},
    )
    if is_shared:
        audit.record(actor, "shared", f"filter {cleaned}", filter=said)
    return kept


@transaction.atomic
def remove_filter(actor: Actor, of: FilteredList, kept: UUID) -> None:
    """One's own; a shared one of somebody else takes who may change the workspace. Raises NotFound, Forbidden."""
    access.require(actor, of.reading)
    found = _seen(actor, of).filter(pk=kept).first()
    if found is None:
        raise NotFound(thing="filter")
    if found.user_id != actor.user:
        access.require(actor, Permission.WORKSPACE_WRITE)
    if found.is_shared:
        audit.record(actor, "removed", f"filter {found.name}")
    found.delete()


def _seen(actor: Actor, of: FilteredList) -> QuerySet[SavedFilter]:
    mine = Q(user_id=actor.user) if actor.user is not None else Q(pk=None)
    return SavedFilter.objects.filter(mine | Q(is_shared=True), workspace_id=actor.workspace, listed=of.name)
