"""What would come of making a version live in an environment, told before anybody says yes: all that would refuse it, and
what steps would lack although nothing refuses it.

It looks at what `releases` looks at, at once instead of one after the other, and releases nothing. Whether another flow has
taken a path of its triggers it refuses to know: that is decided when they follow.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from flows.errors import MulgilError
from flows.models import Environment, Flow, Version
from flows.operations.actor import Actor
from flows.operations.environments import NoCredential, environment_named, missing_credentials
from flows.operations.errors import Archived
from flows.operations.facts import facts_of_version
from flows.operations.fitting import NodeTypesGone, NoLongerFits, check_fit
from flows.operations.flows import find_flow
from flows.operations.gates import lacking
from flows.operations.protection import NotReleaser, SecondNeeded, may_release, needs_second, was_live_for_all
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
    return Foreseen(
        version=chosen,
        missing=missing_credentials(facts_of_version(chosen.pk), where),
        obstacles=list(_obstacles(actor, found, where, chosen)),
    )


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
    comes_back = was_live_for_all(flow.pk, environment, version)
    for one in lacking(version, environment):
        # It is told and holds nothing up: see `_release`.
        if not (comes_back and isinstance(one, NoCredential)):
            yield one
