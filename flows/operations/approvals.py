"""Approvals: who is asked, who has said what, and when it is decided.

A decision is a letter in the run's inbox, written in the transaction of the vote that decides; the run takes it in
like any other letter, so that a decision or the timeout wins, never both. Votes are counted under the run's lock.
"""

from typing import Any, Final, Literal
from uuid import UUID

import orjson
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_noop as _
from jsonschema.exceptions import SchemaError
from referencing.exceptions import Unresolvable

from flows.dsl.inputs import InputSchema, TooCostly, Unusable
from flows.errors import BadInput, Conflict, Forbidden, NotFound
from flows.models import Approval, Run, Vote
from flows.operations import access, audit, steering
from flows.operations.access import Permission
from flows.operations.actor import Actor
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


class FormRefused(BadInput):
    """The form isn't filled in as it must be: {path}: {reason}"""

    code = "form_refused"


def list_approvals(
    actor: Actor, *, mine: bool = True, closed: bool = False, cursor: str | None = None, limit: int = 50
) -> Page[Approval]:
    """The workspace's approvals, newest first: those this actor is asked (or all), open (or closed)."""
    access.require(actor, Permission.RUNS_READ)
    rows = _of(actor).filter(closed_at__isnull=not closed)
    if mine:
        rows = rows.filter(Q(users__contains=[_name(actor)]) | Q(roles__contains=[actor.role]))
    return page_of(rows, cursor=cursor, limit=limit)


def read_approval(actor: Actor, approval: UUID) -> Approval:
    """Raises NotFound."""
    access.require(actor, Permission.RUNS_READ)
    found = _of(actor).filter(pk=approval).first()
    if found is None:
        raise NotFound(thing="approval")
    return found


def is_asked(actor: Actor, approval: Approval) -> bool:
    return actor.user is not None and (_name(actor) in approval.users or actor.role in approval.roles)


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
    found.refresh_from_db(fields=["decided", "closed_at", "outcome"])
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
    if decision == "rejected" or not schema:
        return
    try:
        fault = InputSchema(schema).first_fault(form if form is not None else {})
    except (Unresolvable, SchemaError, Unusable, TooCostly, RecursionError) as problem:
        raise FormRefused(path="$", reason=f"its schema can't be used ({type(problem).__name__})") from None
    if fault is not None:
        raise FormRefused(path=fault.json_path, reason=fault.message[:500])


def approval_shape(actor: Actor, approval: Approval) -> dict[str, Json]:
    """As the API tells it to this actor."""
    votes = list(approval.votes.order_by("id"))
    voted = any(vote.user_id == actor.user for vote in votes)
    is_open = approval.closed_at is None and not approval.decided
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
