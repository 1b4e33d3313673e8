"""Workspaces: the tenants. Their maker is their first admin."""

from dataclasses import dataclass
from types import EllipsisType
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from flows.errors import BadInput, Conflict, NotFound, phrase
from flows.models import Membership, Workspace
from flows.operations import access, audit
from flows.operations.access import Permission
from flows.operations.actor import Actor

MAX_RETENTION: Final = 36_500
MAX_KEPT_VERSIONS: Final = 100_000
Unsaid = EllipsisType
"""Of what may be set to nothing, `...` is what wasn't said."""


class SlugTaken(Conflict):
    """The address {slug} belongs to another workspace."""

    code = "slug_taken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Belonging:
    """A workspace and the role one has there."""

    workspace: Workspace
    role: str


def workspaces_of(user: int) -> list[Belonging]:
    """Every workspace a user belongs to, oldest membership first."""
    rows = Membership.objects.filter(user_id=user).select_related("workspace").order_by("created_at", "pk")
    return [Belonging(workspace=row.workspace, role=row.role) for row in rows]


def current_workspace(actor: Actor) -> Workspace:
    access.require(actor, Permission.WORKSPACE_READ)
    return Workspace.objects.get(pk=actor.workspace)


def find_workspace(actor: Actor, workspace: UUID) -> Workspace:
    """The actor's own workspace by id; any other is NotFound."""
    if workspace != actor.workspace:
        raise NotFound(thing="workspace")
    return current_workspace(actor)


@transaction.atomic
def create_workspace(user: int, *, name: str, slug: str = "") -> Workspace:
    """A new workspace with this user as its admin. Raises SlugTaken, BadInput."""
    cleaned = _name(name)
    address = slug or slugify(cleaned)[:63]
    if not address or address != slugify(address) or len(address) > 63:
        raise BadInput(reason="the address has 1 to 63 lower-case letters, digits and dashes")
    try:
        with transaction.atomic():
            made = Workspace.objects.create(name=cleaned, slug=address)
    except IntegrityError:
        raise SlugTaken(slug=address) from None
    member = Membership.objects.create(workspace=made, user_id=user, role="admin")
    actor = Actor(user=user, name=member.user.get_username(), workspace=made.pk, role="admin")
    audit.record(actor, "created", f"workspace {cleaned}")
    return made


@transaction.atomic
def change_workspace(
    actor: Actor,
    workspace: UUID,
    *,
    name: str | None = None,
    retention_days: int | None = None,
    keep_versions: int | Unsaid | None = ...,
    keep_version_days: int | Unsaid | None = ...,
) -> Workspace:
    """Rename it, say how many days a finished run is kept, and which versions are; None for both keeps them all."""
    access.require(actor, Permission.WORKSPACE_WRITE)
    found = find_workspace(actor, workspace)
    if name is not None:
        found.name = _name(name)
    if retention_days is not None:
        if not 1 <= retention_days <= MAX_RETENTION:
            raise BadInput(reason=f"retention is from 1 to {MAX_RETENTION} days")
        found.retention_days = retention_days
    if keep_versions is not ...:
        found.keep_versions = keep_versions
    if keep_version_days is not ...:
        found.keep_version_days = keep_version_days
    check_versions_kept(found.keep_versions, found.keep_version_days)
    told = ("retention_days", "keep_versions", "keep_version_days")
    found.save(update_fields=["name", *told])
    audit.record(actor, "changed", f"workspace {found.name}", **{one: getattr(found, one) for one in told})
    return found


def check_versions_kept(last: int | None, days: int | None) -> None:
    """Raises BadInput for what no policy of keeping versions can be."""
    if last is not None and not 1 <= last <= MAX_KEPT_VERSIONS:
        raise BadInput(reason=phrase("a policy keeps from 1 to {limit} versions", limit=MAX_KEPT_VERSIONS))
    if days is not None and not 1 <= days <= MAX_RETENTION:
        raise BadInput(reason=phrase("a policy keeps versions from 1 to {limit} days", limit=MAX_RETENTION))


def _name(name: str) -> str:
    cleaned = " ".join(name.split())
    if not 1 <= len(cleaned) <= 200:
        raise BadInput(reason="a workspace needs a name of at most 200 characters")
    return cleaned
