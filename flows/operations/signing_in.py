"""From a session's user or a program's token to an actor in a workspace: one query each."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.contrib.auth import get_user_model
from django.utils import timezone

from flows.errors import MulgilError, NotFound
from flows.journal.prepared import prepared
from flows.models import Membership, Profile, Token
from flows.operations.actor import Actor
from flows.security.tokens import digest, is_wellformed

# A token's last use is noted this often, so that reading doesn't mean writing.
NOTED_SECONDS: Final = 60


# Every request of a program begins with this one, so it is written out.
BY_DIGEST: Final = """
SELECT t.id, t.user_id, u."{username}", t.workspace_id, w.slug, m.role, t.scopes,
  t.last_used_at IS NULL OR t.last_used_at < now() - make_interval(secs => %s::int)
FROM flows_token t
JOIN "{users}" u ON u."{key}" = t.user_id AND u.is_active
JOIN flows_workspace w ON w.id = t.workspace_id
JOIN flows_membership m ON m.workspace_id = t.workspace_id AND m.user_id = t.user_id
WHERE t.hash = %s::text AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now())
"""


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
    row = _token_row(secret) if is_wellformed(secret) else None
    if row is None:
        raise BadToken
    token, user, name, home, slug, role, scopes, is_stale = row
    if workspace and workspace not in (str(home), slug):
        raise NotFound(thing="workspace")
    if is_stale:
        Token.objects.filter(pk=token).update(last_used_at=timezone.now())
    narrowed = frozenset(scopes) if scopes else None
    actor = Actor(user=user, name=name, workspace=home, role=role, scopes=narrowed)
    return SignedIn(actor=actor, token=token)


def _token_row(secret: str) -> tuple[Any, ...] | None:
    users = get_user_model()
    names = {"users": users._meta.db_table, "key": users._meta.pk.column, "username": users.USERNAME_FIELD}
    with prepared() as cursor:
        cursor.execute(BY_DIGEST.format_map(names), [NOTED_SECONDS, digest(secret)])
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row


def _actor(member: Membership) -> Actor:
    return Actor(user=member.user_id, name=member.user.get_username(), workspace=member.workspace_id, role=member.role)
