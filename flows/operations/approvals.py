"""Approvals: who is asked, who has said what, and when it is decided.

A decision is a letter in the run's inbox, written in the transaction of the vote that decides; the run takes it in
like any other letter, so that a decision or the timeout wins, never both. Votes are counted under the run's lock.
"""

from typing import Any, Final, Literal
from uuid import UUID

import orjson
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_noop as _

from flows.dsl.instants import format_instant
from flows.errors import BadInput, Conflict, Forbidden, NotFound
from flows.models import Approval, Run, Vote
from flows.operations import access, audit, steering
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.asked import asked, asking, remaining
from flows.operations.forms import check_form
from flows.operations.marks import moment
from flows.operations.pages import Page, page_of
from flows.security import safejson
from flows.security.safejson import Json

MAX_COMMENT: Final = 5_000
MAX_FORM: Final = 100_000
NO_COMMENT: Final = _("this approval asks for a comment")
Decision = Literal["approved", "rejected"]


class ApprovalClosed(Conflict):
    """Nothing is to be decided here any more: {how}."""

    code = "approval_closed"


class NotAsked(Forbidden):
    """You are not among those who are asked."""

    code = "not_asked"
    hint = "Ask one of the people named in the approval."


def list_approvals(
    actor: Actor, *, mine: bool = True, closed: bool = False, cursor: str | None = None, limit: int = 50
) -> Page[Approval]:
    """The workspace's approvals, newest first: those this actor is asked (or all), open (or closed)."""
    access.require(actor, Permission.RUNS_READ)
    rows = _of(actor).filter(closed_at__isnull=not closed)
    if mine and actor.user is None:
        return page_of(rows.none(), cursor=cursor, limit=limit)
    if mine and actor.user is not None:
        rows = rows.filter(asking(actor.workspace, actor.user, _name(actor), actor.role))
    return page_of(rows, cursor=cursor, limit=limit)


def read_approval(actor: Actor, approval: UUID) -> Approval:
    """Raises NotFound."""
    access.require(actor, Permission.RUNS_READ)
    found = _of(actor).filter(pk=approval).first()
    if found is None:
        raise NotFound(thing="approval")
    return found


def is_asked(actor: Actor, approval: Approval) -> bool:
    """Whether this person is among those asked now: who left the workspace or the group is not."""
    return actor.user is not None and asked(approval).filter(user_id=actor.user).exists()


@transaction.atomic
def decide(actor: Actor, approval: UUID, decision: Decision, *, comment: str = "", form: Json = None) -> Approval:
    """Say yes or no. The quorum's last yes, or the first no, is told to the run.

    The same word of the same person again changes nothing. Raises NotFound, NotAsked, ApprovalClosed, BadInput.
    """
    access.require(actor, Permission.APPROVALS_DECIDE)
    found = read_approval(actor, approval)
    if actor.user is None or not is_asked(actor, found):
        raise NotAsked
    # The run before the approval, as the journal's writer takes them: no two can wait for each other in a circle.
    run = Run.objects.select_for_update().only("status", "flow_id", "number").get(pk=found.run_id)
    found.refresh_from_db(fields=["decided", "closed_at", "outcome", "users", "roles", "groups", "stage"])
    own = found.votes.filter(user_id=actor.user).first()
    if own is not None and own.decision == decision:
        return found
    if found.closed_at is not None or found.decided:
        raise ApprovalClosed(how=found.outcome or found.decided)
    if own is not None:
        raise ApprovalClosed(how=own.decision)
    _check(found, decision, comment, form)
    Vote.objects.create(
        approval=found, user_id=actor.user, name=_name(actor), decision=decision, comment=comment,
        form=safejson.dumps(form),
    )  # fmt: skip
    _count(actor, found, run)
    audit.record(actor, f"{decision} in", f"run #{run.number}", run=str(run.pk), approval=str(found.pk))
    return found


def _count(actor: Actor, approval: Approval, run: Run) -> None:
    votes = list(approval.votes.order_by("id"))
    if any(vote.decision == "rejected" for vote in votes):
        approval.decided = "rejected"
    elif len(votes) >= approval.quorum:
        approval.decided = "approved"
    else:
        return
    approval.save(update_fields=["decided"])
    told: dict[str, Any] = {
        "step": approval.step,
        "decision": approval.decided,
        "votes": [vote_shape(vote) for vote in votes],
    }
    steering.send(actor, run, "approval", told, name=str(approval.pk), key=str(approval.pk))


def _check(approval: Approval, decision: Decision, comment: str, form: Json) -> None:
    if len(comment) > MAX_COMMENT or "\x00" in comment:
        raise BadInput(reason=f"a comment has at most {MAX_COMMENT} characters")
    if approval.needs_comment and not comment.strip():
        raise BadInput(reason=NO_COMMENT)
    if len(safejson.dumps(form)) > MAX_FORM:
        raise BadInput(reason=f"the form is over the limit of {MAX_FORM} bytes")
    schema = orjson.loads(approval.form)
    if decision == "approved" and schema:
        check_form(schema, form)


def approval_shape(actor: Actor, approval: Approval) -> dict[str, Json]:
    """As the API tells it to this actor."""
    votes = list(approval.votes.order_by("id"))
    voted = any(vote.user_id == actor.user for vote in votes)
    is_open = approval.closed_at is None and not approval.decided
    left = remaining(approval, [vote.user_id for vote in votes]) if is_open else 0
    return {
        "id": str(approval.pk),
        "run": str(approval.run_id),
        "run_number": approval.run.number,
        "flow_name": approval.run.flow.name,
        "step": approval.step,
        "title": approval.title,
        "message": approval.message,
        "users": list(approval.users),
        "roles": list(approval.roles),
        "groups": list(approval.groups),
        "escalation": stages_of(approval),
        "stage": approval.stage,
        "remaining": left,
        "lacking": max(0, approval.quorum - len(votes) - left) if is_open else 0,
        "quorum": approval.quorum,
        "needs_comment": approval.needs_comment,
        "form": orjson.loads(approval.form),
        "due_at": moment(approval.due_at),
        "default": approval.default,
        "created_at": moment(approval.created_at),
        "closed_at": moment(approval.closed_at),
        "state": approval.outcome or approval.decided or "open",
        "by_default": bool(approval.default) and approval.outcome == approval.default and not approval.decided,
        "votes": [vote_shape(vote) for vote in votes],
        "may_decide": is_open and not voted and is_asked(actor, approval),
    }


def stages_of(approval: Approval) -> list[Json]:
    """Whom it goes on to and when, stage by stage."""
    return [stage | {"at": format_instant(stage["at"])} for stage in orjson.loads(approval.escalation)]


def vote_shape(vote: Vote) -> dict[str, Json]:
    return {
        "by": vote.name,
        "decision": vote.decision,
        "comment": vote.comment,
        "form": orjson.loads(vote.form),
        "at": moment(vote.at),
    }


def _of(actor: Actor) -> QuerySet[Approval]:
    return Approval.objects.filter(workspace_id=actor.workspace).select_related("run__flow")


def _name(actor: Actor) -> str:
    """The user's name, however the actor is called: a program acts in the name of its user."""
    if actor.user is None:
        return ""
    return get_user_model().objects.get(pk=actor.user).get_username()
