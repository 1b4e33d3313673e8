"""Moving a run that goes on to another version of its flow, after a look at what would become of it.

It decides who may, between which versions, and what is told beforehand; that look and the move itself are one function of
the engine (`flows.engine.transplant`). The move is a letter in the run's inbox as any other steering is.
"""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final
from uuid import UUID

from flows.dsl.binding import laid_over
from flows.dsl.read import InvalidDocument
from flows.engine.transplant import Fit, fit
from flows.errors import Conflict
from flows.journal.refolding import refolded
from flows.models import Run, Version
from flows.operations import access, documents
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.environments import around_begun, environment_named, name_of
from flows.operations.facts import facts_of_version
from flows.operations.plans import plan_along, plan_of
from flows.operations.protection import check_put_on
from flows.operations.steering import MAX_REASON, RunEnded, send, steered
from flows.operations.validation import problems_of
from flows.operations.versions import find_version

KIND: Final = "move"


class NoVersionToLeave(Conflict):
    """A run of a draft has no version that it could be moved from."""

    code = "no_version_to_leave"
    hint = "Cancel it and start the draft again."


class SameVersion(Conflict):
    """Version {version} has the very document that the run goes by."""

    code = "same_version"


class CannotMove(Conflict):
    """The run can't be moved to version {version}: {reason}."""

    code = "cannot_move"
    hint = "The preview of the move lists everything that is against it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What a move from version `was` to `version` would do, and what is against it."""

    was: int
    version: int
    fit: Fit


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    run: Run
    version: Version
    move: Move


def preview_move(actor: Actor, run: UUID, version: int) -> Move:
    """What would become of the run; nothing is done.

    Raises NotFound, RunEnded, NoVersionToLeave, SameVersion, VersionPruned, NotBound and NoValue where what
    the run was given isn't enough, InvalidDocument for a version that can't run here, and NotReleaser or SecondNeeded
    for one that was never live in a protected environment.
    """
    return _way(actor, run, version).move


def move(actor: Actor, run: UUID, version: int, *, reason: str = "", key: str | None = None) -> Run:
    """Have the run go by this version from where it stands. Raises as `preview_move`, and CannotMove.

    The look is repeated when the letter is read: where the run went on meanwhile to where it fits no more, it stays, and
    an alert says so.
    """
    way = _way(actor, run, version)
    if obstacles := way.move.fit.obstacles:
        raise CannotMove(version=version, reason=obstacles[0].said)
    payload: dict[str, Any] = {
        "version": version,
        "version_id": str(way.version.pk),
        "hash": way.version.hash,
        "by": actor.name,
        "reason": reason[:MAX_REASON],
    }
    return send(actor, way.run, KIND, payload, key=key)


def _way(actor: Actor, run: UUID, number: int) -> _Way:
    access.require(actor, Permission.RUNS_STEER)
    found = steered(actor, run)
    row = Run.objects.filter(pk=run).values_list("version__number", "document_hash", "is_test", "environment").first()
    if row is None:
        raise RunEnded(status="gone")
    was, content_hash, is_test, environment = row
    if was is None:
        raise NoVersionToLeave
    version = find_version(actor, found.flow_id, number)
    documents.check_stands(version)
    if version.hash == content_hash:
        raise SameVersion(version=number)
    if not is_test:  # what is tried by hand may be tried with any version
        where = environment_named(actor.workspace, name_of(environment))
        check_put_on(actor, found.flow_id, where, version)
    around = around_begun(run)
    facts_of_version(version.pk).within(around)
    if problems := problems_of(actor, documents.from_text(version.document)):
        raise InvalidDocument(problems)
    machine = refolded(run, plan_along(run, content_hash), partial(plan_along, run))
    plan, new = (replace(one, vars=laid_over(one.vars, around.vars)) for one in (machine.plan, plan_of(version)))
    move_there = Move(was=was, version=number, fit=fit(plan, machine.state, new))
    return _Way(run=found, version=version, move=move_there)
