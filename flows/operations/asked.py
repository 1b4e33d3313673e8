"""Who is asked by an approval, at this moment: the members it names, by user name, role or group.

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
    named = {f"user__{get_user_model().USERNAME_FIELD}__in": approval.users}
    members = Membership.objects.filter(workspace_id=approval.workspace_id, user__is_active=True)
    # A subquery, not a join: who is in two of its groups is one person.
    grouped = GroupMember.objects.filter(group__workspace_id=approval.workspace_id, group__name__in=approval.groups)
    return members.filter(Q(**named) | Q(role__in=approval.roles) | Q(pk__in=grouped.values("member_id")))


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
