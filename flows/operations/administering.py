"""Who may look after which workspaces in the Django admin: their admins, and the site's superusers everywhere."""

from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import QuerySet

from flows.errors import NotFound
from flows.models import Membership, Workspace
from flows.models.access import Role
from flows.operations.actor import Actor


def administered(user: int | None) -> QuerySet[Workspace]:
    """The workspaces this user administers; a superuser administers all of them, nobody (None) none."""
    if user is None:
        return Workspace.objects.none()
    if User.objects.filter(pk=user, is_active=True, is_superuser=True).exists():
        return Workspace.objects.all()
    own = Membership.objects.filter(user_id=user, user__is_active=True, role=Role.ADMIN)
    return Workspace.objects.filter(pk__in=own.values("workspace"))


def administrator(user: int, workspace: UUID) -> Actor:
    """The user as an admin of the workspace. Raises NotFound for who isn't one."""
    found = User.objects.filter(pk=user).first()
    if found is None or not administered(user).filter(pk=workspace).exists():
        raise NotFound(thing="workspace")
    return Actor(user=user, name=found.get_username(), workspace=workspace, role=Role.ADMIN)
