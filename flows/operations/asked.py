"""Who is asked by an approval, or named elsewhere, at this moment: members by user name, role or group.

Names are looked up when somebody wants to know, never kept: who left the workspace or the group is not asked any
more, and who joined is. It refuses to know what anyone said.
"""

from collections.abc import Sequence
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet

from flows.models import Approval, GroupMember, Membership


def asked(approval: Approval) -> QuerySet[Membership]:
    """The active members who are asked."""
    return members_named(approval.workspace_id, approval.users, approval.roles, approval.groups)


def members_named(
    workspace: UUID, users: Sequence[str], roles: Sequence[str], groups: Sequence[str]
) -> QuerySet[Membership]:
    """The active members of these names, with these roles or in these groups."""
    named = {f"user__{get_user_model().USERNAME_FIELD}__in": users}
    members = Membership.objects.filter(workspace_id=workspace, user__is_active=True)
    # A subquery, not a join: who is in two of the groups is one person.
    grouped = GroupMember.objects.filter(group__workspace_id=workspace, group__name__in=groups)
    return members.filter(Q(**named) | Q(role__in=roles) | Q(pk__in=grouped.values("member_id")))


def asking(workspace: UUID, user: int, name: str, role: str) -> Q:
    """The condition of the approvals that ask this person."""
    by_name = Q(users__contains=[name]) | Q(roles__contains=[role])
    groups = groups_of(workspace, user)
    return by_name | Q(groups__overlap=list(groups)) if groups else by_name


def groups_of(workspace: UUID, user: int) -> Sequence[str]:
    """The names of the groups this person is in."""
    inside = GroupMember.objects.filter(group__workspace_id=workspace, member__user_id=user)
    return tuple(inside.values_list("group__name", flat=True))


def remaining(approval: Approval, voted: Sequence[int | None]) -> int:
    """How many of those asked have still to answer."""
    return asked(approval).exclude(user_id__in=[user for user in voted if user is not None]).count()
