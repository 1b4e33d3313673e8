"""From a session's user or a program's token to an actor in a workspace: one query each."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from flows.errors import MulgilError, NotFound
from flows.models import Membership, Profile, Token
from flows.operations.actor import Actor
from flows.security.tokens import digest, is_wellformed

# A token's last use is noted this often, so that reading doesn't mean writing.
NOTED_EVERY: Final = timedelta(minutes=1)


class BadToken(MulgilError):
    """The token is unknown, expired or revoked."""

    code = "bad_token"
    status = 401
    hint = "Make a new token in the settings or with `manage.py token create`."


class NoWorkspace(MulgilError):
    """You are a member of no workspace."""

    code = "no_workspace"
    status = 403
    hint = "Ask an admin of a workspace to invite you."


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A program that showed its token."""

    actor: Actor
    token: UUID


def actor_of_session(user: int, *, workspace: str | None = None) -> Actor:
    """The user in the workspace named by id or address, else in the one last used, else in any.

    Raises NotFound for one the user doesn't belong to, NoWorkspace where there is none at all.
    """
    rows = Membership.objects.filter(user_id=user, user__is_active=True).select_related("user", "user__profile")
    members = list(rows.select_related("workspace").order_by("created_at"))
    if not members:
        raise NoWorkspace
    profile = getattr(members[0].user, "profile", None)
    last = profile.last_workspace_id if profile is not None else None
    if workspace:
        found = [one for one in members if workspace in (str(one.workspace_id), one.workspace.slug)]
        if not found:
            raise NotFound(thing="workspace")
        if found[0].workspace_id != last:
            Profile.objects.update_or_create(user_id=user, defaults={"last_workspace_id": found[0].workspace_id})
        return _actor(found[0])
    return _actor(next((one for one in members if one.workspace_id == last), members[0]))


def actor_of_token(secret: str, *, workspace: str | None = None) -> SignedIn:
    """The token's user in the token's workspace, narrowed by its scopes.

    Raises BadToken, and NotFound where another workspace is named.
    """
    now = timezone.now()
    rows = Token.objects.filter(hash=digest(secret), revoked_at__isnull=True, user__is_active=True)
    rows = rows.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now)).select_related("user", "workspace")
    token = rows.first() if is_wellformed(secret) else None
    member = None
    if token is not None:
        member = Membership.objects.filter(workspace_id=token.workspace_id, user_id=token.user_id).first()
    if token is None or member is None:
        raise BadToken
    if workspace and workspace not in (str(token.workspace_id), token.workspace.slug):
        raise NotFound(thing="workspace")
    if token.last_used_at is None or now - token.last_used_at > NOTED_EVERY:
        Token.objects.filter(pk=token.pk).update(last_used_at=now)
    actor = Actor(
        user=token.user_id,
        name=token.user.get_username(),
        workspace=token.workspace_id,
        role=member.role,
        scopes=frozenset(token.scopes) if token.scopes else None,
    )
    return SignedIn(actor=actor, token=token.pk)


def _actor(member: Membership) -> Actor:
    return Actor(user=member.user_id, name=member.user.get_username(), workspace=member.workspace_id, role=member.role)
