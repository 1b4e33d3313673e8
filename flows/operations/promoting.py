"""Promotion: the version that is live in one environment becomes live in another, once it is known what that changes.

It decides what a promotion is and shows all of it before anything is done. What is looked at stands in `gates`, how a release
is made in `releases`, who has to look at it first in `protection` and `proposals`.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from flows.dsl.binding import laid_over
from flows.dsl.diff import Change, diff
from flows.errors import Conflict, MulgilError
from flows.models import Environment, Flow, Live, Proposal, Release, Version
from flows.operations import access, documents, reasons
from flows.operations.access import Permission
from flows.operations.activation import clashes
from flows.operations.actor import Actor
from flows.operations.environments import around_of, environment_named, hold, of_workspace
from flows.operations.errors import NotLiveThere
from flows.operations.facts import Around, Facts, facts_of_version
from flows.operations.flows import find_flow
from flows.operations.gates import check_credentials, obstacles, refuse
from flows.operations.proposals import put_forward
from flows.operations.protection import NotReleaser, may_release, needs_second, releasable, require_releaser
from flows.operations.releases import live_in, open_flow, put_live
from flows.operations.versions import find_version
from flows.security.safejson import Json


class NothingBefore(Conflict):
    """Nothing of this flow is live in an environment before {environment}."""

    code = "nothing_to_promote"
    hint = "Release a version in an earlier environment first, or name the version."


class LiveMovedOn(Conflict):
    """Version {version} is no longer live in {environment}: version {live} is."""

    code = "live_moved_on"
    hint = "Look at what it would change again."


class LiveAlready(Conflict):
    """Version {version} is live in {environment} already."""

    code = "live_already"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is live of a flow in an environment, and what waits there for a second person."""

    environment: Environment
    release: Release | None
    proposal: Proposal | None
    may_release: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """What a variable is there, whether the environment says so or the document, and what it is where the version comes from.

    `before` is the document's own value for a version that comes from no environment.
    """

    name: str
    value: Json
    is_given: bool
    before: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """Which credential a name in the document means there; None: it isn't bound."""

    name: str
    credential: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a promotion would do. `live`: what it would replace; `obstacles`: all that keeps it from being done."""

    source: Environment | None
    target: Environment
    version: Version
    live: Version | None
    changes: list[Change]
    vars: list[Variable]
    credentials: list[Bound]
    obstacles: list[MulgilError]
    needs_second: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Promoted:
    """What came of it: a release, or where a second person has to look first, a proposal."""

    release: Release | None = None
    proposal: Proposal | None = None


def standings(actor: Actor, flow: UUID) -> list[Standing]:
    """The flow in every environment, in the order in which versions go through them."""
    found = find_flow(actor, flow)
    named = ("version", "previous", "canary")
    lives = Live.objects.filter(flow=found).select_related(
        "release__author", "release__environment", *(f"release__{one}" for one in named)
    )
    lives = lives.defer(*(f"release__{one}__document" for one in named))
    releases = {live.environment_id: live.release for live in lives}
    waiting = Proposal.objects.filter(flow=found, outcome="").select_related("version", "environment")
    proposals = {proposal.environment_id: proposal for proposal in waiting.defer("version__document")}
    environments = of_workspace(actor.workspace)
    may = releasable(actor, environments)
    return [
        Standing(
            environment=one,
            release=releases.get(one.pk),
            proposal=proposals.get(one.pk),
            may_release=one.pk in may,
        )
        for one in environments
    ]


def live_number(actor: Actor, flow: UUID, environment: str | None) -> int:
    """The number of the version that is live there. Raises NotFound, NotLiveThere."""
    where = environment_named(actor.workspace, environment)
    found = live_in(find_flow(actor, flow), where)
    if found is None:
        raise NotLiveThere(environment=where.name)
    return found.version.number


def preview(actor: Actor, flow: UUID, *, to: str, source: str | None = None, version: int | None = None) -> Preview:
    """What would change there if this version, or else what is live in `source` or the nearest environment before, came.

    With both it is what is live in `source`, and has to be this version: so nothing goes there but what was looked at.
    Raises NotFound, NotLiveThere, NothingBefore, LiveMovedOn.
    """
    found, target = find_flow(actor, flow), environment_named(actor.workspace, to)
    origin, chosen = _chosen(actor, found, target, source, version)
    before = live_in(found, target)
    document, there, facts = documents.document_of(chosen), around_of(target), facts_of_version(chosen.pk)
    found_there: list[MulgilError] = [] if may_release(actor, target) else [NotReleaser(environment=target.name)]
    found_there += [*obstacles(chosen, target), *clashes(found, target, document)]
    if before is not None and before.version_id == chosen.pk and before.canary_id is None:
        found_there.append(LiveAlready(version=chosen.number, environment=target.name))
    return Preview(
        source=origin,
        target=target,
        version=chosen,
        live=before.version if before else None,
        changes=diff(documents.document_of(before.version), document) if before else [],
        vars=_vars(facts, there, around_of(origin) if origin else Around(name="")),
        credentials=_credentials(facts, there),
        obstacles=found_there,
        needs_second=needs_second(found, target, chosen),
    )


def promote(
    actor: Actor, flow: UUID, *, to: str, source: str | None = None, version: int | None = None, reason: str = ""
) -> Promoted:
    """Release it there, or propose it where a second person has to look.

    Raises what `preview` does, what it found in the way (NotPromotable where that is more than one thing), Archived, PathTaken.
    """
    access.require(actor, Permission.FLOWS_PUBLISH)
    # The tests are played before the flow is locked.
    seen = preview(actor, flow, to=to, source=source, version=version)
    refuse(seen.obstacles, seen.version, seen.target)
    said = reason or (reasons.reason(reasons.PROMOTED, environment=seen.source.name) if seen.source else "")
    kind = Release.Kind.PROMOTE
    with transaction.atomic():
        locked = open_flow(actor, flow)
        # Both as they are now: it may have been pruned since, and the environment gives something else.
        chosen = find_version(actor, flow, seen.version.number)
        target = hold(environment_named(actor.workspace, to))
        require_releaser(actor, target)
        check_credentials(chosen, target)
        if needs_second(locked, target, chosen):
            return Promoted(proposal=put_forward(actor, locked, chosen, target, kind=kind, reason=said))
        return Promoted(release=put_live(actor, locked, chosen, target, kind=kind, reason=said))


def _chosen(
    actor: Actor, flow: Flow, target: Environment, source: str | None, version: int | None
) -> tuple[Environment | None, Version]:
    if source is not None:
        origin = environment_named(actor.workspace, source)
        live = live_in(flow, origin)
        if live is None:
            raise NotLiveThere(environment=source)
        if version not in (None, live.version.number):
            raise LiveMovedOn(version=version, environment=source, live=live.version.number)
        return origin, live.version
    if version is not None:
        return None, find_version(actor, flow.pk, version)
    way = of_workspace(actor.workspace)
    for one in reversed(way[: way.index(target)]):
        live = live_in(flow, one)
        if live is not None:
            return one, live.version
    raise NothingBefore(environment=target.name)


def _vars(facts: Facts, there: Around, here: Around) -> list[Variable]:
    before = laid_over(facts.vars, here.vars)
    return [
        Variable(name=name, value=value, is_given=name in there.vars, before=before[name])
        for name, value in laid_over(facts.vars, there.vars).items()
    ]


def _credentials(facts: Facts, there: Around) -> list[Bound]:
    lenient = there.id is None
    return [
        Bound(name=name, credential=there.credentials.get(name, name if lenient else None))
        for name in sorted(facts.credentials)
    ]
