"""Tokens of programs: made, shown once, listed, revoked. A token never gives more than its maker may do."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from flows.errors import BadInput, Forbidden, NotFound
from flows.models import Token
from flows.operations import access, audit
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.members import tell_sockets
from flows.operations.pages import Page, page_of
from flows.security.tokens import make_token

MAX_DAYS: Final = 3_650


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """`secret` is seen here and never again."""

    token: Token
    secret: str


def list_tokens(actor: Actor, *, cursor: str | None = None, limit: int = 50) -> Page[Token]:
    """One's own tokens in this workspace; an admin sees everyone's. Revoked ones are gone from it."""
    access.require(actor, Permission.TOKENS_OWN)
    return page_of(_visible(actor).select_related("user"), cursor=cursor, limit=limit)


@transaction.atomic
def create_token(
    actor: Actor, *, name: str, scopes: list[str] | None = None, days: int | None = None, by: UUID | None = None
) -> NewToken:
    """A token for oneself, for this workspace; without scopes it may do what its user may.

    `by` is the token it is made with, if it is made with one: it doesn't outlive that.

    Raises Forbidden where the actor is itself a narrower token, BadInput.
    """
    access.require(actor, Permission.TOKENS_OWN)
    if actor.user is None:
        raise BadInput(reason="a token belongs to a user")
    cleaned = " ".join(name.split())
    if not 1 <= len(cleaned) <= 200:
        raise BadInput(reason="a token needs a name of at most 200 characters")
    if days is not None and not 1 <= days <= MAX_DAYS:
        raise BadInput(reason=f"a token lives from 1 to {MAX_DAYS} days")
    wanted = access.read_scopes(scopes or [])
    if actor.scopes is not None and not (wanted and wanted <= actor.scopes):
        raise Forbidden(verb="make a token with more scopes than the one you use")
    new = make_token()
    token = Token.objects.create(
        workspace_id=actor.workspace,
        user_id=actor.user,
        name=cleaned,
        hash=new.digest,
        hint=new.hint,
        scopes=sorted(wanted),
        made_with_id=by,
        expires_at=_end(days, by),
    )
    audit.record(actor, "created", f"token {cleaned}", token=str(token.pk), scopes=token.scopes)
    return NewToken(token=token, secret=new.text)


@transaction.atomic
def revoke_token(actor: Actor, token: UUID) -> None:
    """It opens nothing from now on, nor does any token that was made with it. Raises NotFound."""
    access.require(actor, Permission.TOKENS_OWN)
    found = _visible(actor).filter(pk=token).first()
    if found is None:
        raise NotFound(thing="token")
    ended = _with_all_made_by(token)
    Token.objects.filter(pk__in=ended, revoked_at__isnull=True).update(revoked_at=timezone.now())
    tell_sockets(found.user_id)
    audit.record(actor, "revoked", f"token {found.name}", token=str(token), with_it=len(ended) - 1)


def _with_all_made_by(token: UUID) -> list[UUID]:
    found, last = [token], [token]
    while last := list(Token.objects.filter(made_with__in=last).values_list("pk", flat=True)):
        found += last
    return found


def _end(days: int | None, by: UUID | None) -> datetime | None:
    asked = timezone.now() + timedelta(days=days) if days is not None else None
    last = Token.objects.values_list("expires_at", flat=True).get(pk=by) if by is not None else None
    return min((moment for moment in (asked, last) if moment is not None), default=None)


def _visible(actor: Actor) -> QuerySet[Token]:
    rows = Token.objects.filter(workspace_id=actor.workspace, revoked_at__isnull=True)
    return rows if access.may(actor, Permission.MEMBERS_WRITE) else rows.filter(user_id=actor.user or 0)
