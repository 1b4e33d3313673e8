"""Releases: which version answers new starts, and the canary beside it. Every change is a new row, and that is
the rollback history. Triggers follow in the same transaction."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from flows.errors import BadInput, NotFound, phrase
from flows.models import Flow, Release, Version
from flows.operations import access, audit, reasons
from flows.operations.access import Permission
from flows.operations.activation import follow
from flows.operations.actor import Actor
from flows.operations.errors import Archived, NotPublished
from flows.operations.fitting import check_fit
from flows.operations.flows import find_flow, lock_flow, tell_watchers
from flows.operations.guards import read_guards, read_steps
from flows.operations.pages import Page, page_of
from flows.operations.versions import find_version


def list_releases(actor: Actor, flow: UUID, *, cursor: str | None = None, limit: int = 50) -> Page[Release]:
    """The flow's releases, newest first."""
    rows = Release.objects.filter(flow=find_flow(actor, flow)).select_related("version", "previous", "canary", "author")
    return page_of(
        rows.defer("version__document", "previous__document", "canary__document"), cursor=cursor, limit=limit
    )


@transaction.atomic
def release(actor: Actor, flow: UUID, *, version: int, reason: str = "") -> Release:
    """Make a published version live, whichever way. Raises NotFound, Archived, PathTaken."""
    access.require(actor, Permission.FLOWS_PUBLISH)
    found = _open_flow(actor, flow)
    return put_live(actor, found, find_version(actor, flow, version), kind=Release.Kind.PUBLISH, reason=reason)


@transaction.atomic
def roll_back(actor: Actor, flow: UUID, *, version: int, reason: str = "") -> Release:
    """Point back to an older version: new starts use it at once, runs that go on keep theirs.

    Raises NotFound for a version there isn't, VersionPruned, Archived, PathTaken, NodeTypesGone, NoLongerFits.
    """
    access.require(actor, Permission.FLOWS_PUBLISH)
    found = _open_flow(actor, flow)
    return put_live(actor, found, find_version(actor, flow, version), kind=Release.Kind.ROLLBACK, reason=reason)


@transaction.atomic
def start_canary(
    actor: Actor,
    flow: UUID,
    *,
    version: int,
    weight: int | None = None,
    guards: dict[str, Any],
    steps: Sequence[int] = (),
) -> Release:
    """Send `weight` percent of new starts to a version beside the live one, watched by the guards.

    With `steps` the weight rises by itself, each step held for the guards' least runs and minutes; a version that
    held at 100 is released. Raises NotFound, NotPublished, Archived, BadInput, NodeTypesGone, NoLongerFits.
    """
    access.require(actor, Permission.FLOWS_PUBLISH)
    found = _open_flow(actor, flow)
    if found.live is None:
        raise NotPublished
    planned, first = read_steps(steps, weight)
    chosen = find_version(actor, flow, version)
    if chosen.pk == found.live.version_id:
        raise BadInput(reason=phrase("version {version} is live already; a canary is another version", version=version))
    check_fit(chosen)
    return _add(
        actor,
        found,
        version=found.live.version,
        kind=Release.Kind.CANARY,
        canary=chosen,
        canary_weight=first,
        guards=read_guards(guards),
        steps=planned,
    )


@transaction.atomic
def step_canary(actor: Actor, flow: UUID, *, weight: int) -> Release:
    """Give the running canary this share, its guards and its schedule kept. Raises NotFound where no canary runs."""
    access.require(actor, Permission.FLOWS_PUBLISH)
    found = lock_flow(actor, flow)
    standing = found.live
    if standing is None or standing.canary_id is None:
        raise NotFound(thing="canary")
    return _add(
        actor,
        found,
        version=standing.version,
        kind=Release.Kind.CANARY,
        canary=standing.canary,
        canary_weight=weight,
        guards=standing.guards,
        steps=standing.steps,
        reason=reasons.reason(reasons.HELD, before=standing.canary_weight, weight=weight),
    )


@transaction.atomic
def end_canary(
    actor: Actor,
    flow: UUID,
    *,
    reason: str = "",
    kind: str = Release.Kind.END_CANARY,
    evidence: dict[str, Any] | None = None,
) -> Release:
    """All new starts go to the live version again. Raises NotFound where no canary runs."""
    access.require(actor, Permission.FLOWS_PUBLISH)
    found = lock_flow(actor, flow)
    if found.live is None or found.live.canary_id is None:
        raise NotFound(thing="canary")
    return _add(actor, found, version=found.live.version, kind=kind, reason=reason, evidence=evidence or {})


def put_live(actor: Actor, flow: Flow, version: Version, *, kind: str, reason: str, valid: bool = False) -> Release:
    """Add the release row and let the triggers follow; the flow's row must be locked. `valid`: it was just validated.

    Raises NodeTypesGone, NoLongerFits.
    """
    if not valid:
        check_fit(version)
    made = _add(actor, flow, version=version, kind=kind, reason=reason)
    follow(flow, version)
    return made


def _open_flow(actor: Actor, flow: UUID) -> Flow:
    found = lock_flow(actor, flow)
    if found.archived_at is not None:
        raise Archived
    return found


def _add(actor: Actor, flow: Flow, *, version: Version, kind: str, reason: str = "", **fields: Any) -> Release:
    previous = flow.live.version if flow.live else None
    made = Release.objects.create(
        flow=flow, kind=kind, version=version, previous=previous, reason=reason, author_id=actor.user, **fields
    )
    flow.live = made
    flow.save(update_fields=["live", "updated_at"])
    tell_watchers(flow.pk)
    details: dict[str, Any] = {"flow": str(flow.pk), "release": str(made.pk), "reason": reason}
    if made.evidence:
        details["evidence"] = made.evidence
    audit.record(actor, f"released ({kind})", f"{flow.name} v{version.number}", **details)
    return made
