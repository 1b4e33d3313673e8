"""Releases that wait for a second person: proposed, and then approved or rejected by someone else, or withdrawn.

Nothing is live by a proposal. Whoever approves makes the release, and everything is looked at again at that moment.
"""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from flows.errors import BadInput, Conflict, Forbidden, NotFound
from flows.models import Environment, Flow, Proposal, Release, Version
from flows.operations import access, audit
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.environments import environment_named, hold
from flows.operations.errors import Archived
from flows.operations.flows import find_flow, tell_watchers
from flows.operations.gates import check_credentials, check_way
from flows.operations.guards import read_guards, read_steps
from flows.operations.pages import Page, page_of
from flows.operations.protection import require_releaser
from flows.operations.releases import begin_canary, check_there, open_flow, put_live
from flows.operations.versions import find_version

MAX_WORDS = 5_000


class ProposalClosed(Conflict):
    """Nothing is to be decided here any more: {how}."""

    code = "proposal_closed"


class OwnProposal(Forbidden):
    """You proposed it: a second person has to look at it."""

    code = "own_proposal"
    hint = "Ask someone else who may release there."


def list_proposals(
    actor: Actor, flow: UUID, *, open_only: bool = False, cursor: str | None = None, limit: int = 50
) -> Page[Proposal]:
    """The flow's, newest first."""
    rows = Proposal.objects.filter(flow=find_flow(actor, flow)).select_related("version", "environment", "release")
    if open_only:
        rows = rows.filter(outcome="")
    return page_of(rows.defer("version__document"), cursor=cursor, limit=limit)


def awaited_versions(workspace: UUID) -> dict[UUID, Version]:
    """By flow, the version that is live in the default environment as soon as a second person says so."""
    rows = Proposal.objects.filter(flow__workspace_id=workspace, environment__is_default=True, outcome="", canary={})
    return {one.flow_id: one.version for one in rows.select_related("version")}


def propose(
    actor: Actor,
    flow: UUID,
    *,
    version: int,
    environment: str | None = None,
    reason: str = "",
    canary: dict[str, Any] | None = None,
) -> Proposal:
    """Ask for a version to be released, or to begin as a canary of `{weight, guards, steps}`.

    Raises NotFound, Archived, NotReleaser, BadInput, and what would keep it from being live there.
    """
    where = environment_named(actor.workspace, environment)
    require_releaser(actor, where)
    _unlocked(actor, flow)
    # Tests may take seconds, so they are played before the flow is locked.
    check_way(find_version(actor, flow, version), where)
    kind = Release.Kind.PUBLISH if canary is None else Release.Kind.CANARY
    with transaction.atomic():
        locked, chosen = open_flow(actor, flow), find_version(actor, flow, version)
        return put_forward(actor, locked, chosen, where, kind=kind, reason=reason, canary=canary)


def put_forward(
    actor: Actor,
    flow: Flow,
    version: Version,
    environment: Environment,
    *,
    kind: str,
    reason: str,
    canary: dict[str, Any] | None = None,
) -> Proposal:
    """Write the proposal, in the place of an open one; the flow's row must be locked."""
    environment = hold(environment)
    require_releaser(actor, environment)
    check_there(version, environment)
    if canary is not None:
        read_steps(canary["steps"], canary["weight"])
        read_guards(canary["guards"])
    _end(Proposal.objects.filter(flow=flow, environment=environment, outcome="").first(), actor, "replaced")
    made = Proposal.objects.create(
        flow=flow, environment=environment, version=version, kind=kind, reason=_words(reason), canary=canary or {},
        proposed_by_id=actor.user, proposer=actor.name[:200],
    )  # fmt: skip
    _tell(actor, "proposed", made)
    return made


def approve(actor: Actor, flow: UUID, proposal: UUID, *, comment: str = "") -> Release:
    """Release what was proposed, once everything was looked at again.

    Raises NotFound, Archived, ProposalClosed, OwnProposal, NotReleaser, what is in the way now (NotPromotable where that is
    more than one thing), and all that releasing does.
    """
    access.require(actor, Permission.FLOWS_PUBLISH)
    seen = _decidable(actor, _unlocked(actor, flow), proposal)
    # Tests may take seconds, so they are played before the flow is locked.
    check_way(seen.version, seen.environment)
    return _released(actor, flow, proposal, comment)


@transaction.atomic
def _released(actor: Actor, flow: UUID, proposal: UUID, comment: str) -> Release:
    locked = open_flow(actor, flow)
    # What the tests said of a version holds; all else may have changed while they were played, until it is held.
    hold(_open(locked, proposal).environment)
    found = _decidable(actor, locked, proposal)
    check_credentials(found.version, found.environment)
    fields: dict[str, Any] = {
        "reason": found.reason,
        "author_id": found.proposed_by_id,
        "evidence": {"proposal": str(found.pk), "approved_by": actor.name},
    }
    if found.canary:
        made = begin_canary(actor, locked, found.version, found.environment, **found.canary, **fields)
    else:
        made = put_live(actor, locked, found.version, found.environment, kind=found.kind, **fields)
    found.release = made
    _end(found, actor, Proposal.Outcome.APPROVED, comment)
    return made


@transaction.atomic
def reject(actor: Actor, flow: UUID, proposal: UUID, *, comment: str = "") -> Proposal:
    """Nothing comes of it; by who proposed it, it is withdrawn. Raises NotFound, ProposalClosed, NotReleaser."""
    access.require(actor, Permission.FLOWS_PUBLISH)
    found = _open(open_flow(actor, flow), proposal)
    is_own = actor.user is not None and actor.user == found.proposed_by_id
    if not is_own:
        require_releaser(actor, found.environment)
    _end(found, actor, Proposal.Outcome.WITHDRAWN if is_own else Proposal.Outcome.REJECTED, comment)
    return found


def _unlocked(actor: Actor, flow: UUID) -> Flow:
    found = find_flow(actor, flow)
    if found.archived_at is not None:
        raise Archived
    return found


def _decidable(actor: Actor, flow: Flow, proposal: UUID) -> Proposal:
    """The open proposal, where the actor is a second person who may release there."""
    found = _open(flow, proposal)
    require_releaser(actor, found.environment)
    if actor.user is not None and actor.user == found.proposed_by_id:
        raise OwnProposal
    return found


def _open(flow: Flow, proposal: UUID) -> Proposal:
    rows = Proposal.objects.filter(flow=flow, pk=proposal)
    found = rows.select_related("version", "environment__setting").first()
    if found is None:
        raise NotFound(thing="proposal")
    if found.outcome:
        raise ProposalClosed(how=found.outcome)
    return found


def _end(proposal: Proposal | None, actor: Actor, outcome: str, comment: str = "") -> None:
    if proposal is None:
        return
    proposal.outcome, proposal.decided_by, proposal.decided_at = outcome, actor.name[:200], timezone.now()
    proposal.comment = _words(comment)
    proposal.save()
    _tell(actor, f"{outcome} the release of", proposal)


def _tell(actor: Actor, verb: str, proposal: Proposal) -> None:
    flow, environment = proposal.flow, proposal.environment.name
    subject = f"{flow.name} v{proposal.version.number}"
    audit.record(actor, verb, subject, flow=str(flow.pk), environment=environment, proposal=str(proposal.pk))
    tell_watchers(flow.pk)


def _words(text: str) -> str:
    if len(text) > MAX_WORDS or "\x00" in text:
        raise BadInput(reason=f"a reason has at most {MAX_WORDS} characters")
    return text
