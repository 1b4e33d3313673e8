"""Members of a workspace: invited, let in, given a role, put out. A workspace keeps at least one admin."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from flows.errors import BadInput, Conflict, NotFound
from flows.models import Invitation, Membership, Profile, Token
from flows.operations import access, audit
from flows.operations.access import PERMISSIONS, Permission
from flows.operations.actor import Actor
from flows.operations.pages import Page, page_of
from flows.security.tokens import digest, make_token

OPEN_FOR: Final = timedelta(days=7)
MAX_USERNAME: Final = 150
MAX_PASSWORD: Final = 4_096


class LastAdmin(Conflict):
    """A workspace keeps at least one admin."""

    code = "last_admin"
    hint = "Make someone else an admin first."


class NameTaken(Conflict):
    """The name {name} belongs to another user."""

    code = "name_taken"


class InvitationUsed(NotFound):
    """This invitation has been used already."""

    code = "invitation_used"
    hint = "Sign in, or ask for a new one."


class InvitationExpired(NotFound):
    """This invitation has expired."""

    code = "invitation_expired"
    hint = "Ask whoever invited you for a new one."


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInvitation:
    """`secret` is seen here and never again."""

    invitation: Invitation
    secret: str


def list_members(actor: Actor, *, cursor: str | None = None, limit: int = 50) -> Page[Membership]:
    access.require(actor, Permission.MEMBERS_READ)
    rows = Membership.objects.filter(workspace_id=actor.workspace).select_related("user")
    return page_of(rows, cursor=cursor, limit=limit)


def list_invitations(actor: Actor, *, cursor: str | None = None, limit: int = 50) -> Page[Invitation]:
    """Those that still wait for an answer."""
    access.require(actor, Permission.MEMBERS_WRITE)
    rows = Invitation.objects.filter(workspace_id=actor.workspace, accepted_at__isnull=True)
    return page_of(rows.filter(expires_at__gt=timezone.now()), cursor=cursor, limit=limit)


@transaction.atomic
def invite(actor: Actor, *, email: str, role: str) -> NewInvitation:
    """An invitation to be handed over by its secret. Raises BadInput."""
    access.require(actor, Permission.MEMBERS_WRITE)
    try:
        validate_email(email)
    except ValidationError:
        raise BadInput(reason=f"{email!r} is not an e-mail address") from None
    new = make_token()
    made = Invitation.objects.create(
        workspace_id=actor.workspace,
        email=email,
        role=_checked(role),
        hash=new.digest,
        invited_by_id=actor.user,
        expires_at=timezone.now() + OPEN_FOR,
    )
    audit.record(actor, "invited", email, role=role)
    return NewInvitation(invitation=made, secret=new.text)


@transaction.atomic
def withdraw_invitation(actor: Actor, invitation: UUID) -> None:
    access.require(actor, Permission.MEMBERS_WRITE)
    found = Invitation.objects.filter(pk=invitation, workspace_id=actor.workspace, accepted_at__isnull=True).first()
    if found is None:
        raise NotFound(thing="invitation")
    found.delete()
    audit.record(actor, "withdrew invitation", found.email)


def look_at_invitation(secret: str) -> Invitation:
    """The open invitation of this secret, with its workspace. Raises NotFound, InvitationUsed, InvitationExpired."""
    return _open(Invitation.objects.select_related("workspace"), secret)


@transaction.atomic
def accept_invitation(secret: str, *, user: int | None = None, username: str = "", password: str = "") -> Membership:
    """Join as the user signed in, or as a new one with this name and password.

    Raises NotFound, InvitationUsed, InvitationExpired, NameTaken, BadInput for a weak password.
    """
    invitation = _open(Invitation.objects.select_for_update(), secret)
    joining = user if user is not None else _new_user(username, password, invitation.email)
    member, _ = Membership.objects.get_or_create(
        workspace_id=invitation.workspace_id, user_id=joining, defaults={"role": invitation.role}
    )
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at"])
    Profile.objects.update_or_create(user_id=joining, defaults={"last_workspace_id": invitation.workspace_id})
    actor = Actor(user=joining, name=member.user.get_username(), workspace=member.workspace_id, role=member.role)
    audit.record(actor, "joined", invitation.email, role=member.role)
    return member


@transaction.atomic
def change_role(actor: Actor, member: UUID, *, role: str) -> Membership:
    """Raises NotFound, BadInput, LastAdmin."""
    access.require(actor, Permission.MEMBERS_WRITE)
    found = _lock(actor, member)
    before, found.role = found.role, _checked(role)
    found.save(update_fields=["role"])
    _keep_an_admin(actor)
    tell_sockets(found.user_id)
    audit.record(actor, "changed role of", found.user.get_username(), before=before, after=role)
    return found


@transaction.atomic
def deactivate(actor: Actor, member: UUID) -> None:
    """Put a member out of the workspace and revoke their tokens there. Raises NotFound, LastAdmin."""
    access.require(actor, Permission.MEMBERS_WRITE)
    found = _lock(actor, member)
    name, user = found.user.get_username(), found.user_id
    found.delete()
    _keep_an_admin(actor)
    open_tokens = Token.objects.filter(workspace_id=actor.workspace, user_id=user, revoked_at__isnull=True)
    open_tokens.update(revoked_at=timezone.now())
    tell_sockets(user)
    audit.record(actor, "deactivated", name)


def _open(rows: QuerySet[Invitation], secret: str) -> Invitation:
    found = rows.filter(hash=digest(secret)).first()
    if found is None:
        raise NotFound(thing="invitation")
    if found.accepted_at is not None:
        raise InvitationUsed
    if found.expires_at <= timezone.now():
        raise InvitationExpired
    return found


def _new_user(username: str, password: str, email: str) -> int:
    users = get_user_model()
    if len(username) > MAX_USERNAME or len(password) > MAX_PASSWORD:
        raise BadInput(reason=f"a name has at most {MAX_USERNAME} characters, a password {MAX_PASSWORD}")
    try:
        users.username_validator(username)
        validate_password(password, user=users(username=username, email=email))
        with transaction.atomic():
            return int(users.objects.create_user(username=username, password=password, email=email).pk)
    except ValidationError as error:
        raise BadInput(reason=" ".join(error.messages)) from None
    except IntegrityError:
        raise NameTaken(name=username) from None


def _checked(role: str) -> str:
    if role not in PERMISSIONS:
        raise BadInput(reason=f"{role!r} is not a role; known are {', '.join(PERMISSIONS)}")
    return role


def _lock(actor: Actor, member: UUID) -> Membership:
    # All of the workspace's admins are locked, so that two who put each other out can't both succeed.
    list(Membership.objects.select_for_update().filter(workspace_id=actor.workspace, role="admin").order_by("pk"))
    rows = Membership.objects.select_for_update(of=("self",)).select_related("user")
    found = rows.filter(pk=member, workspace_id=actor.workspace).first()
    if found is None:
        raise NotFound(thing="member")
    return found


def _keep_an_admin(actor: Actor) -> None:
    if not Membership.objects.filter(workspace_id=actor.workspace, role="admin", user__is_active=True).exists():
        raise LastAdmin


def tell_sockets(user: int) -> None:
    """Open sockets of this user look at their rights again when the transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('mulgil_access', %s)", [str(user)])
