"""Releases: which version answers new starts in an environment, and the canary beside it. Every change is a new row, and
that is the rollback history. Triggers follow in the same transaction. Who may is decided in `protection`."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from flows.errors import BadInput, NotFound, phrase
from flows.models import Environment, Flow, Live, Release, Version
from flows.operations import access, audit, reasons
from flows.operations.access import Permission
from flows.operations.activation import follow, leave
from flows.operations.actor import Actor
from flows.operations.environments import around_of, environment_named, hold, missing_credentials
from flows.operations.errors import Archived, NotLiveThere, NotPublished, ReleasedMeanwhile
from flows.operations.facts import facts_of_version
from flows.operations.fitting import check_fit
from flows.operations.flows import find_flow, lock_flow, tell_watchers
from flows.operations.gates import check_credentials
from flows.operations.guards import read_guards, read_steps
from flows.operations.pages import Page, page_of
from flows.operations.protection import check_release, require_releaser, was_live_for_all
from flows.operations.versions import find_version


def list_releases(
    actor: Actor, flow: UUID, *, environment: str | None = None, cursor: str | None = None, limit: int = 50
) -> Page[Release]:
    """The flow's releases in the default environment or the one named, newest first."""
    where = environment_named(actor.workspace, environment)
    rows = Release.objects.filter(flow=find_flow(actor, flow), environment=where)
    rows = rows.select_related("version", "previous", "canary", "author", "environment")
    return page_of(
        rows.defer("version__document", "previous__document", "canary__document"), cursor=cursor, limit=limit
    )


@transaction.atomic
def release(actor: Actor, flow: UUID, *, version: int, reason: str = "", environment: str | None = None) -> Release:
    """Make a published version live, in the default environment or the one named.

    Raises NotFound, VersionPruned, Archived, PathTaken, NodeTypesGone, NoLongerFits, NotBound, NoValue, NotReleaser; for one
    that was never live there NoCredential and SecondNeeded. `foreseeing` tells before what it would raise; what a version
    that was live there lacks is told by `lacking_credentials`, and holds nothing up.
    """
    return _release(actor, flow, version, environment, kind=Release.Kind.PUBLISH, reason=reason)


@transaction.atomic
def roll_back(actor: Actor, flow: UUID, *, version: int, reason: str = "", environment: str | None = None) -> Release:
    """Point back to an older version: new starts use it at once, runs that go on keep theirs.

    Raises NotFound for a version there isn't, and all that `release` does: it is called otherwise in the history alone.
    """
    return _release(actor, flow, version, environment, kind=Release.Kind.ROLLBACK, reason=reason)


def lacking_credentials(made: Release) -> list[str]:
    """The credentials that what is live by this release uses there and that nobody has made: steps that ask for one fail."""
    return missing_credentials(facts_of_version(made.version_id), made.environment)


def _release(actor: Actor, flow: UUID, version: int, environment: str | None, *, kind: str, reason: str) -> Release:
    access.require(actor, Permission.FLOWS_PUBLISH)
    found = open_flow(actor, flow)
    where = hold(environment_named(actor.workspace, environment))
    chosen = find_version(actor, flow, version)
    check_release(actor, found, where, chosen)
    if not was_live_for_all(found.pk, where, chosen):
        check_credentials(chosen, where)
    return put_live(actor, found, chosen, where, kind=kind, reason=reason)


@transaction.atomic
def start_canary(
    actor: Actor,
    flow: UUID,
    *,
    version: int,
    weight: int | None = None,
    guards: dict[str, Any],
    steps: Sequence[int] = (),
    reason: str = "",
    environment: str | None = None,
    looked_at: UUID | None = None,
) -> Release:
    """Send `weight` percent of new starts to a version beside the live one, watched by the guards.

    With `steps` the weight rises by itself, each step held for the guards' least runs and minutes; a version that
    held at 100 is released. `looked_at` is the release that has to stand there still: who asks twice begins once.
    Raises NotPublished, BadInput, ReleasedMeanwhile, and all that `release` does but PathTaken.
    """
    access.require(actor, Permission.FLOWS_PUBLISH)
    found = open_flow(actor, flow)
    where = hold(environment_named(actor.workspace, environment))
    if looked_at is not None and not Live.objects.filter(flow=found, environment=where, release=looked_at).exists():
        raise ReleasedMeanwhile(environment=where.name)
    chosen = find_version(actor, flow, version)
    check_release(actor, found, where, chosen)
    check_credentials(chosen, where)
    return begin_canary(actor, found, chosen, where, weight=weight, guards=guards, steps=steps, reason=reason)


def begin_canary(
    actor: Actor,
    flow: Flow,
    version: Version,
    environment: Environment,
    *,
    weight: int | None,
    guards: dict[str, Any],
    steps: Sequence[int],
    **fields: Any,
) -> Release:
    """What `start_canary` does once it is known who may; the flow's row must be locked, the environment held."""
    live = live_in(flow, environment)
    if live is None:
        raise NotPublished if environment.is_default else NotLiveThere(environment=environment.name)
    planned, first = read_steps(steps, weight)
    if version.pk == live.version_id:
        raise live_already(version)
    check_there(version, environment)
    return _add(
        actor,
        flow,
        environment,
        version=live.version,
        kind=Release.Kind.CANARY,
        canary=version,
        canary_weight=first,
        guards=read_guards(guards),
        steps=planned,
        **fields,
    )


@transaction.atomic
def step_canary(actor: Actor, flow: UUID, *, weight: int, environment: str | None = None) -> Release:
    """Give the running canary this share, its guards and its schedule kept. Raises NotFound where no canary runs."""
    found, where, standing = _canary(actor, flow, environment)
    return _add(
        actor,
        found,
        where,
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
    environment: str | None = None,
    version: int | None = None,
) -> Release:
    """All new starts go to the live version again. Raises NotFound where no canary runs, or not of this version; NotReleaser."""
    found, where, standing = _canary(actor, flow, environment, version)
    return _add(actor, found, where, version=standing.version, kind=kind, reason=reason, evidence=evidence or {})


@transaction.atomic
def take_out(actor: Actor, flow: UUID, *, environment: str, reason: str = "") -> Release:
    """Nothing of the flow answers new starts there any more, and its triggers there end; runs go on, the history stays.

    The row it adds names the version that was live. Raises NotFound, NotReleaser, NotLiveThere.
    """
    access.require(actor, Permission.FLOWS_PUBLISH)
    found, where = lock_flow(actor, flow), hold(environment_named(actor.workspace, environment))
    require_releaser(actor, where)
    standing = live_in(found, where)
    if standing is None:
        raise NotLiveThere(environment=where.name)
    made = _add(actor, found, where, version=standing.version, kind=Release.Kind.TAKE_OUT, reason=reason)
    Live.objects.filter(flow=found, environment=where).delete()
    leave(found, where)
    return made


@transaction.atomic
def release_canary(
    actor: Actor, flow: UUID, *, version: int, reason: str = "", environment: str | None = None
) -> Release:
    """Make the version that is tried live for all new starts, before its steps are over.

    Raises NotFound where this version isn't tried any more (a guard may just have taken it back), and all that `release`
    does but SecondNeeded.
    """
    found, where, standing = _canary(actor, flow, environment, version)
    if found.archived_at is not None:
        raise Archived
    assert standing.canary is not None  # `_canary` says so
    check_credentials(standing.canary, where)
    return put_live(actor, found, standing.canary, where, kind=Release.Kind.PUBLISH, reason=reason)


def _canary(
    actor: Actor, flow: UUID, environment: str | None, version: int | None = None
) -> tuple[Flow, Environment, Release]:
    access.require(actor, Permission.FLOWS_PUBLISH)
    found = lock_flow(actor, flow)
    where = hold(environment_named(actor.workspace, environment))
    require_releaser(actor, where)
    standing = live_in(found, where)
    if standing is None or standing.canary is None or version not in (None, standing.canary.number):
        raise NotFound(thing=phrase("canary"))
    return found, where, standing


def live_already(version: Version) -> BadInput:
    """Why it can't be tried beside what is live."""
    said = phrase("version {version} is live already; a canary is another version", version=version.number)
    return BadInput(reason=said)


def live_in(flow: Flow, environment: Environment) -> Release | None:
    """What answers new starts of the flow there."""
    live = Live.objects.filter(flow=flow, environment=environment).select_related("release__version").first()
    return live.release if live is not None else None


def put_live(
    actor: Actor,
    flow: Flow,
    version: Version,
    environment: Environment,
    *,
    kind: str,
    reason: str,
    valid: bool = False,
    **fields: Any,
) -> Release:
    """Add the release row and let the triggers follow; the flow's row must be locked, the environment held, so that what is
    looked at here is what runs there are given. `valid`: it was just validated.

    Raises NodeTypesGone, NoLongerFits, NotBound, NoValue, PathTaken.
    """
    if valid:
        facts_of_version(version.pk).within(around_of(environment))
    else:
        check_there(version, environment)
    made = _add(actor, flow, environment, version=version, kind=kind, reason=reason, **fields)
    follow(flow, environment, version)
    return made


def check_there(version: Version, environment: Environment) -> None:
    """Whether a version could run there. Raises NodeTypesGone, NoLongerFits, NotBound, NoValue."""
    check_fit(version)
    facts_of_version(version.pk).within(around_of(environment))


def open_flow(actor: Actor, flow: UUID) -> Flow:
    """The flow's row, locked. Raises NotFound, Archived."""
    found = lock_flow(actor, flow)
    if found.archived_at is not None:
        raise Archived
    return found


def _add(
    actor: Actor, flow: Flow, environment: Environment, *, version: Version, kind: str, reason: str = "", **fields: Any
) -> Release:
    before = live_in(flow, environment)
    who = {"author_id": actor.user} | fields
    made = Release.objects.create(
        flow=flow, environment=environment, kind=kind, version=version,
        previous=before.version if before else None, reason=reason, **who,
    )  # fmt: skip
    Live.objects.update_or_create(flow=flow, environment=environment, defaults={"release": made})
    flow.save(update_fields=["updated_at"])
    tell_watchers(flow.pk)
    details: dict[str, Any] = {"flow": str(flow.pk), "release": str(made.pk), "reason": reason}
    if not environment.is_default:
        details["environment"] = environment.name
    if made.evidence:
        details["evidence"] = made.evidence
    audit.record(actor, f"released ({kind})", f"{flow.name} v{version.number}", **details)
    return made
