"""The last good version: which one a flow goes back to, in an environment, when nobody has time to look.

Good is decided by runs there alone: it was live before, real runs of it ended, and of the newest of them hardly any
failed, and nothing that it needs is gone; a run that was moved ran by two versions and speaks for neither. What was never live, or whose runs are all gone,
is not known to be good and is never chosen.
"""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from flows.errors import Conflict
from flows.models import Environment, Release, Version
from flows.operations import access, reasons
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.environments import environment_named, missing_credentials
from flows.operations.facts import facts_of_version
from flows.operations.fitting import fits
from flows.operations.flows import find_flow
from flows.operations.releases import live_in, roll_back

LOOKED_AT: Final = 20
MAY_FAIL: Final = 0.05
# In the order in which they were live last, the newest first.
BEFORE: Final = """
SELECT version_id FROM flows_release WHERE flow_id = %(flow)s AND environment_id = %(environment)s AND version_id <> %(live)s
GROUP BY version_id ORDER BY max(created_at) DESC LIMIT 50
"""
ENDED: Final = """
SELECT count(*), count(*) FILTER (WHERE status = 'failed') FROM (
  SELECT status FROM flows_run WHERE flow_id = %(flow)s AND version_id = %(version)s AND NOT is_test
    AND environment_id IS NOT DISTINCT FROM %(place)s::uuid AND status IN ('succeeded', 'failed')
    AND NOT EXISTS (SELECT FROM flows_wentby w WHERE w.run_id = flows_run.id) ORDER BY id DESC LIMIT %(most)s) newest
"""


class NoGoodVersion(Conflict):
    """No other version of this flow is known to be good."""

    code = "no_good_version"
    hint = "Choose the version to go back to yourself."


@dataclass(frozen=True, slots=True, kw_only=True)
class Good:
    """A version known to be good, and what speaks for it: how many runs were looked at and how many failed."""

    version: Version
    runs: int
    failed: int


def last_good(actor: Actor, flow: UUID, *, environment: str | None = None) -> Good:
    """The version that was live there last before the present one and is good. Raises NotFound, NoGoodVersion."""
    found = find_flow(actor, flow)
    where = environment_named(actor.workspace, environment)
    live = live_in(found, where)
    good = _good_before(live, where) if live is not None else None
    if good is None:
        raise NoGoodVersion
    return good


@transaction.atomic
def roll_back_to_last_good(actor: Actor, flow: UUID, *, reason: str = "", environment: str | None = None) -> Release:
    """Roll back to the last good version. Raises as `last_good` and `roll_back` do."""
    access.require(actor, Permission.FLOWS_PUBLISH)
    good = last_good(actor, flow, environment=environment)
    said = reason or reasons.reason(reasons.LAST_GOOD, good=good.runs - good.failed, runs=good.runs)
    return roll_back(actor, flow, version=good.version.number, reason=said, environment=environment)


def _good_before(live: Release, environment: Environment) -> Good | None:
    # A run in the default environment names none.
    place = None if environment.is_default else environment.pk
    fields = {"flow": live.flow_id, "environment": environment.pk, "live": live.version_id, "place": place}
    for (version,) in _query(BEFORE, fields):
        ((runs, failed),) = _query(ENDED, fields | {"version": version, "most": LOOKED_AT})
        if not runs or failed / runs > MAY_FAIL:
            continue
        candidate = Version.objects.select_related("author").get(pk=version)
        if candidate.pruned_at is None and _is_whole(candidate, environment):
            return Good(version=candidate, runs=runs, failed=failed)
    return None


def _is_whole(version: Version, environment: Environment) -> bool:
    """Nobody looks at what is chosen here, so a credential that is gone counts as a node type that is gone."""
    return fits(version) and not missing_credentials(facts_of_version(version.pk), environment)


def _query(sql: str, fields: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, fields)
        return list(cursor.fetchall())
