"""Approvals by e-mail: who is written to, what the link of a letter opens, and what its buttons do.

A link is signed for one person and one approval and is worth as much as that person's word there: nothing is kept
of it. It refuses to know how votes are counted: it decides by the verb that everybody uses.
"""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid5

import orjson
from django.conf import settings
from django.core.mail import send_mail
from django.core.signing import BadSignature, Signer
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from flows.errors import Conflict, Forbidden, NotFound
from flows.models import Approval, Outbox
from flows.models.base import first_id_at
from flows.operations import approvals
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.alerts import CONSOLE
from flows.operations.approvals import Decision
from flows.operations.asked import asked
from flows.operations.messages import lay_down
from flows.security.safejson import Json

LETTER: Final = "approval_letter"
"""The topic of the message that becomes one person's letter; its key is the person, who gets them in order."""
LINKS: Final = Signer(salt="flows.approval_letter")
SILENCE: Final = {
    "approved": _("If nobody decides in time, it counts as approved."),
    "rejected": _("If nobody decides in time, it counts as rejected."),
}
RIGHTS: Final = frozenset({Permission.RUNS_READ.value, Permission.APPROVALS_DECIDE.value})


class LinkClosed(NotFound):
    """This link opens nothing any more: it has been used, its time is over, or it is not whole."""

    code = "link_closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An approval, and the person whose link opened it; `language` is empty where none was chosen."""

    approval: Approval
    actor: Actor
    email: str
    language: str


# --- writing ----------------------------------------------------------------------------------------------


def address_letters(told: Json) -> None:
    """Lay down a message for each person asked who has an e-mail address; told again it adds none.

    `told` is what the run says of it: `{approval}`. Without an outgoing mail server nobody is written to.
    """
    found = _approval(told)
    if settings.EMAIL_BACKEND == CONSOLE or found is None:
        return
    lay_down(
        [
            Outbox(
                # Made of what it is about, so that a second telling finds it.
                id=UUID(int=first_id_at(found.created_at).int | uuid5(found.pk, str(user)).int & (1 << 80) - 1),
                run_id=found.run_id,
                workspace_id=found.workspace_id,
                topic=LETTER,
                key=str(user),
                payload=orjson.dumps({"approval": str(found.pk), "user": user}).decode(),
            )
            for user in asked(found).exclude(user__email="").values_list("user_id", flat=True)
        ],
        place=int(found.created_at.timestamp() * 1_000_000),
    )


def send_letter(told: Json) -> None:
    """Write to one person, in their language; nothing goes out where nothing is to be decided any more.

    `told` is `{approval, user}`. Raises what the mail server answers.
    """
    found = _approval(told)
    user = told.get("user") if isinstance(told, dict) else None
    opened = _opened(found, user) if found is not None and isinstance(user, int) else None
    if settings.EMAIL_BACKEND == CONSOLE or opened is None:
        return
    with translation.override(opened.language or settings.LANGUAGE_CODE):
        title = " ".join(opened.approval.title.split())
        subject = gettext("To decide: {title}").format(title=title)
        send_mail(subject, _body(opened), None, [opened.email])


def link_of(approval: UUID, user: int) -> str:
    """The path that this person decides this approval by."""
    return reverse("decide", args=[LINKS.sign_object([str(approval), user])])


def _body(opened: Opened) -> str:
    approval, actor = opened.approval, opened.actor
    home = settings.MULGIL.get("public_url")
    assert actor.user is not None
    parts = [
        gettext("Hello {name},").format(name=actor.name),
        gettext("{flow}, run #{number}, asks you for a decision:").format(
            flow=approval.run.flow.name, number=approval.run.number
        ),
        approval.title,
        approval.message,
        gettext("Approve or reject: {link}").format(link=home.rstrip("/") + link_of(approval.pk, actor.user))
        if home
        else gettext("Approve or reject it in Mulgil, on the page of approvals."),
        gettext("This link is yours alone and decides once. Don't pass it on.") if home else "",
        gettext("It can be decided until {due}.").format(due=f"{approval.due_at:%Y-%m-%d %H:%M} UTC")
        if approval.due_at is not None
        else "",
        gettext(SILENCE[approval.default]) if approval.default else "",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


# --- the link ---------------------------------------------------------------------------------------------


def open_link(token: str, *, signed_in: int | None = None) -> Opened:
    """What the link opens; it changes nothing.

    Raises LinkClosed, one and the same, for every link that decides nothing (any more), and where someone else than
    the person it was written to is signed in.
    """
    try:
        approval, user = LINKS.unsign_object(token)
    except BadSignature:
        raise LinkClosed from None
    found = _approval({"approval": approval})
    opened = _opened(found, user) if found is not None and signed_in in (None, user) else None
    if opened is None:
        raise LinkClosed
    return opened


def decide_opened(opened: Opened, decision: Decision, *, comment: str = "") -> None:
    """The word of the person the link was written to. Raises LinkClosed, BadInput."""
    try:
        approvals.decide(opened.actor, opened.approval.pk, decision, comment=comment)
    except (Conflict, Forbidden, NotFound):
        # Somebody was quicker, between the look and the word.
        raise LinkClosed from None


def _approval(told: Json) -> Approval | None:
    given: dict[str, Any] = told if isinstance(told, dict) else {}
    return Approval.objects.select_related("run__flow").filter(pk=str(given.get("approval"))).first()


def _opened(approval: Approval, user: int) -> Opened | None:
    """None where this person has nothing to decide there: no longer asked, heard already, or all over."""
    is_over = approval.due_at is not None and approval.due_at <= timezone.now()
    if approval.closed_at is not None or approval.decided or is_over:
        return None
    member = asked(approval).filter(user_id=user).select_related("user__profile").first()
    if member is None or approval.votes.filter(user_id=member.user_id).exists():
        return None
    name = member.user.get_username()
    actor = Actor(user=member.user_id, name=name, workspace=member.workspace_id, role=member.role, scopes=RIGHTS)
    profile = getattr(member.user, "profile", None)
    language = profile.language if profile is not None else ""
    return Opened(approval=approval, actor=actor, email=member.user.email, language=language)
