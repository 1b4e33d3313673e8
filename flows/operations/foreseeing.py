"""What would come of making a version live in an environment, of trying it there as a canary, or of publishing the draft, told
before anybody says yes: all that would refuse it, and what steps would lack although nothing refuses it.

It looks at what `releases` looks at, at once instead of one after the other, and releases nothing. What becomes of a canary
once it has held, when its triggers follow, it refuses to know.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from flows.dsl.read import InvalidDocument, read_document
from flows.errors import MulgilError
from flows.models import Environment, Flow, Version
from flows.operations import documents
from flows.operations.activation import clashes
from flows.operations.actor import Actor
from flows.operations.drafts import read_draft
from flows.operations.environments import NoCredential, environment_named, missing_credentials
from flows.operations.errors import Archived, NotLiveThere, NotPublished
from flows.operations.facts import facts_of, facts_of_version
from flows.operations.fitting import NodeTypesGone, NoLongerFits, check_fit
from flows.operations.flows import find_flow
from flows.operations.gates import lacking
from flows.operations.protection import NotReleaser, SecondNeeded, may_release, needs_second, was_live_for_all
from flows.operations.releases import live_already, live_in
from flows.operations.versions import find_version


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """`missing`: the credentials that are gone; they are among the `obstacles` too where they refuse it."""

    version: Version
    missing: list[str]
    obstacles: list[MulgilError]


def foresee(actor: Actor, flow: UUID, *, version: int, environment: str | None = None) -> Foreseen:
    """What a release of the version there, or a rollback to it, would meet. Raises NotFound, VersionPruned."""
    found, where = find_flow(actor, flow), environment_named(actor.workspace, environment)
    chosen = find_version(actor, flow, version)
    comes_back = was_live_for_all(found.pk, where, chosen)
    met = _obstacles(actor, found, where, chosen)
    # A credential that what comes back lacks is told and holds nothing up: see `releases`.
    held = [one for one in met if not (comes_back and isinstance(one, NoCredential))]
    return _foreseen(chosen, where, [*held, *clashes(found, where, documents.document_of(chosen))])


def foresee_canary(actor: Actor, flow: UUID, *, version: int, environment: str | None = None) -> Foreseen:
    """What beginning a canary of the version there would meet. Raises NotFound, VersionPruned."""
    found, where = find_flow(actor, flow), environment_named(actor.workspace, environment)
    chosen = find_version(actor, flow, version)
    return _foreseen(chosen, where, [*_beside(found, where, chosen), *_obstacles(actor, found, where, chosen)])


def foresee_publishing(actor: Actor, flow: UUID) -> list[MulgilError]:
    """What would refuse the release that publishing the draft makes; what is wrong with its document is told by its problems.

    Raises NotFound.
    """
    text, found = read_draft(actor, flow).document, find_flow(actor, flow)
    return list(_of_draft(actor, found, environment_named(actor.workspace, None), text))


def _of_draft(actor: Actor, flow: Flow, environment: Environment, text: str) -> Iterator[MulgilError]:
    if flow.archived_at is not None:
        yield Archived()
    if not may_release(actor, environment):
        yield NotReleaser(environment=environment.name)
    try:
        document = read_document(documents.from_text(text))
    except InvalidDocument:
        return
    if missing := missing_credentials(facts_of(document, ""), environment):
        yield NoCredential(names=", ".join(missing), environment=environment.name)
    # What waits for a second person is held against the others' paths when that person says yes.
    if not environment.needs_second:
        yield from clashes(flow, environment, document)


def _foreseen(version: Version, environment: Environment, obstacles: list[MulgilError]) -> Foreseen:
    missing = missing_credentials(facts_of_version(version.pk), environment)
    return Foreseen(version=version, missing=missing, obstacles=obstacles)


def _beside(flow: Flow, environment: Environment, version: Version) -> Iterator[MulgilError]:
    """A canary is tried beside what is live, which is another version."""
    live = live_in(flow, environment)
    if live is None:
        yield NotPublished() if environment.is_default else NotLiveThere(environment=environment.name)
    elif live.version_id == version.pk:
        yield live_already(version)


def _obstacles(actor: Actor, flow: Flow, environment: Environment, version: Version) -> Iterator[MulgilError]:
    if flow.archived_at is not None:
        yield Archived()
    if not may_release(actor, environment):
        yield NotReleaser(environment=environment.name)
    if needs_second(flow, environment, version):
        yield SecondNeeded(version=version.number, environment=environment.name)
    try:
        check_fit(version)
    except (NodeTypesGone, NoLongerFits) as error:
        yield error
    yield from lacking(version, environment)
