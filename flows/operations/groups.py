"""Groups: people of a workspace under one name, which flows ask by it.

A flow's document names a group, so a group's name never changes; who is in it does, and counts from then on. It
refuses to know what a group is asked.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from flows.errors import BadInput, Conflict, NotFound
from flows.models import Approval, Group, GroupMember, Membership
from flows.operations import access, audit
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.pages import Page, page_of

MAX_NAME: Final = 100


class GroupTaken(Conflict):
    """There is a group {name} already."""

    code = "group_taken"


class GroupAsked(Conflict):
    """The group {name} is asked by {count} open approvals: without it nobody of it could decide them."""

    code = "group_asked"
    hint = "Wait until they are decided, or decide them first."


def list_groups(actor: Actor, *, cursor: str | None = None, limit: int = 50) -> Page[Group]:
    access.require(actor, Permission.MEMBERS_READ)
    return page_of(_of(actor).prefetch_related("members__user"), cursor=cursor, limit=limit)


def read_group(actor: Actor, group: UUID) -> Group:
    """With its members. Raises NotFound."""
    access.require(actor, Permission.MEMBERS_READ)
    return _found(_of(actor).prefetch_related("members__user"), group)


@transaction.atomic
def create_group(actor: Actor, *, name: str, members: Sequence[UUID] = ()) -> Group:
    """A group of these members (by their memberships). Raises GroupTaken, BadInput, NotFound."""
    access.require(actor, Permission.MEMBERS_WRITE)
    called = name.strip()
    if not 1 <= len(called) <= MAX_NAME or "\x00" in called or "{{" in called:
        raise BadInput(reason=f"the name of a group has 1 to {MAX_NAME} characters and no braces in pairs")
    people = [_member(actor, member) for member in dict.fromkeys(members)]
    try:
        with transaction.atomic():
            made = Group.objects.create(workspace_id=actor.workspace, name=called)
    except IntegrityError:
        raise GroupTaken(name=called) from None
    GroupMember.objects.bulk_create([GroupMember(group=made, member=one) for one in people])
    audit.record(actor, "made group", called, members=[one.user.get_username() for one in people])
    return read_group(actor, made.pk)


@transaction.atomic
def delete_group(actor: Actor, group: UUID) -> None:
    """Raises NotFound; GroupAsked while open approvals ask it."""
    access.require(actor, Permission.MEMBERS_WRITE)
    found = _found(_of(actor).select_for_update(), group)
    asking = Approval.objects.filter(
        workspace_id=actor.workspace, closed_at__isnull=True, groups__contains=[found.name]
    ).count()
    if asking:
        raise GroupAsked(name=found.name, count=asking)
    found.delete()
    audit.record(actor, "removed group", found.name)


@transaction.atomic
def put_in(actor: Actor, group: UUID, member: UUID) -> Group:
    """Put a member of the workspace into the group; who is in it already stays. Raises NotFound."""
    access.require(actor, Permission.MEMBERS_WRITE)
    found, joining = _found(_of(actor), group), _member(actor, member)
    _, is_new = GroupMember.objects.get_or_create(group=found, member=joining)
    if is_new:
        audit.record(actor, "put into group", joining.user.get_username(), group=found.name)
    return read_group(actor, group)


@transaction.atomic
def take_out(actor: Actor, group: UUID, member: UUID) -> Group:
    """Take a member out of the group: from now on they decide nothing by it. Raises NotFound."""
    access.require(actor, Permission.MEMBERS_WRITE)
    found, leaving = _found(_of(actor), group), _member(actor, member)
    gone, _ = GroupMember.objects.filter(group=found, member=leaving).delete()
    if gone:
        audit.record(actor, "took out of group", leaving.user.get_username(), group=found.name)
    return read_group(actor, group)


def _of(actor: Actor) -> QuerySet[Group]:
    return Group.objects.filter(workspace_id=actor.workspace)


def _found(rows: QuerySet[Group], group: UUID) -> Group:
    found = rows.filter(pk=group).first()
    if found is None:
        raise NotFound(thing="group")
    return found


def _member(actor: Actor, member: UUID) -> Membership:
    found = Membership.objects.select_related("user").filter(pk=member, workspace_id=actor.workspace).first()
    if found is None:
        raise NotFound(thing="member")
    return found
