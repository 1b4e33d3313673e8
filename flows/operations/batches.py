"""Many starts in one transaction: all of them or none, one statement for the rows, one knock for the executors."""

from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from flows.dsl.inputs import one_purse
from flows.errors import BadInput, Conflict, LimitExceeded
from flows.journal.columns import array_text
from flows.models import Run
from flows.models.base import new_id
from flows.operations import access
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.facts import Facts
from flows.operations.lines import join, stand_of
from flows.operations.numbers import sequence_of
from flows.operations.starting import KeyReused, Target, check_key, check_priority, digest, target_of
from flows.security import safejson
from flows.security.safejson import Json

MAX_STARTS: Final = 10_000

INSERT: Final = """
INSERT INTO flows_run (id, workspace_id, flow_id, version_id, document_hash, part, number, attempt, parent_step,
  trigger, input, idempotency_key, request_hash, started_by, is_test, status, priority, queue, line, line_limit, held,
  fence, seq, careful, mail, environment_id, setting_id, created_at)
SELECT row.id, f.workspace_id, f.id, row.version, row.hash, '', nextval(%(sequence)s::regclass), 1, '', row.trigger,
  row.input, row.key, row.request_hash, %(started_by)s, false, 'queued', %(priority)s, row.queue, row.line,
  row.line_limit, row.line IS NOT NULL, 0, 0, false, 0, %(environment)s::uuid, %(setting)s::uuid,
  %(created_at)s
FROM flows_flow f, unnest(%(ids)s::uuid[], %(versions)s::uuid[], %(hashes)s::text[], %(triggers)s::text[],
  %(inputs)s::text[], %(keys)s::text[], %(request_hashes)s::text[], %(queues)s::text[],
  %(lines)s::text[], %(line_limits)s::int[])
  WITH ORDINALITY AS row(id, version, hash, trigger, input, key, request_hash, queue, line, line_limit, place)
WHERE f.id = %(flow)s AND f.workspace_id = %(workspace)s AND f.archived_at IS NULL AND EXISTS
  (SELECT 1 FROM flows_live l JOIN flows_environment e ON e.id = l.environment_id
   WHERE l.release_id = %(live)s AND e.setting_id IS NOT DISTINCT FROM %(setting)s::uuid)
ORDER BY row.place
ON CONFLICT (flow_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
"""


class ReleaseMoved(Conflict):
    """Another version went live while the batch was being made."""

    code = "release_moved"
    hint = "Send the batch again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """`first` and `last` are the runs of the first and the last input; `created` counts those that are new."""

    count: int
    created: int
    first: UUID
    last: UUID


def start_batch(
    actor: Actor,
    flow: UUID,
    *,
    inputs: list[Json],
    idempotency_prefix: str | None = None,
    priority: int = 0,
    environment: str | None = None,
) -> Batch:
    """Start a run per input, all in one transaction. A repeated prefix with the same inputs starts nothing.

    Raises LimitExceeded, InputRefused naming the place in the list, KeyReused, LineFull where the flow's limit refuses
    one of them, and all that a start raises.
    """
    access.require(actor, Permission.RUNS_START)
    check_priority(priority)
    if not inputs:
        raise BadInput(reason="inputs is empty")
    if len(inputs) > MAX_STARTS:
        raise LimitExceeded(what="The number of inputs", size=len(inputs), limit=MAX_STARTS)
    check_key(f"{idempotency_prefix}:{len(inputs)}" if idempotency_prefix is not None else None)
    target = target_of(actor, flow, environment)
    ids = [new_id() for _ in inputs]
    keys = [None if idempotency_prefix is None else f"{idempotency_prefix}:{place}" for place in range(len(inputs))]
    chosen = _chosen(target, flow, keys, ids)
    triggers = [facts.enter(None) for facts in chosen]
    with one_purse():
        bodies = [_checked(*start, place) for place, start in enumerate(zip(chosen, inputs, triggers, strict=True))]
    stands = [stand_of(facts, body) for facts, body in zip(chosen, bodies, strict=True)]
    fields: dict[str, Any] = {
        "lines": [stand.line if stand else None for stand in stands],
        "line_limits": [stand.limit if stand else None for stand in stands],
        "ids": ids,
        "versions": [facts.version for facts in chosen],
        "hashes": [facts.hash for facts in chosen],
        "triggers": triggers,
        "inputs": [safejson.dumps(body) for body in bodies],
        "keys": keys,
        "request_hashes": _request_hashes(bodies, idempotency_prefix, environment),
        "queues": [facts.queue for facts in chosen],
        "priority": priority,
        **_alike(actor, flow, target),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        created = join(flow, [stand for stand in stands if stand], partial(_made, fields))
        first, last = _ends(flow, fields) if created < len(ids) else (ids[0], ids[-1])
        for queue in sorted({facts.queue for facts in chosen}):
            cursor.execute("SELECT pg_notify('mulgil_ready', %s)", [queue])
    return Batch(count=len(ids), created=created, first=first, last=last)


def _chosen(target: Target, flow: UUID, keys: list[str | None], ids: list[UUID]) -> list[Facts]:
    """Which version answers each start."""
    if target.canary is None:
        return [target.live] * len(ids)
    return [target.choose(flow, key or str(run)) for key, run in zip(keys, ids, strict=True)]


def _request_hashes(bodies: list[dict[str, Json]], prefix: str | None, environment: str | None) -> list[str]:
    """One input in two environments is two requests."""
    if prefix is None:
        return [""] * len(bodies)
    where: dict[str, Json] = {} if environment is None else {"environment": environment}
    return [digest({"input": body, **where}) for body in bodies]


def _alike(actor: Actor, flow: UUID, target: Target) -> dict[str, Any]:
    """What all the runs of a batch have in common."""
    return {
        "flow": flow,
        "workspace": actor.workspace,
        "live": target.release,
        "environment": target.live.environment,
        "setting": target.live.setting,
        "sequence": sequence_of(flow),
        "started_by": actor.name[:200],
        "created_at": timezone.now(),
    }


def _made(fields: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(INSERT, {name: array_text(x) if isinstance(x, list) else x for name, x in fields.items()})
        made: int = cursor.rowcount
        return made


def _checked(facts: Facts, given: Json, trigger: str, place: int) -> dict[str, Json]:
    try:
        return facts.check_input(given, trigger)
    except BadInput as error:
        raise BadInput(reason=f"inputs[{place}]: {error.message}") from None


def _ends(flow: UUID, fields: dict[str, Any]) -> tuple[UUID, UUID]:
    """The first and last run of a batch of which some stood already, once all are shown to be the same request."""
    keys = fields["keys"]
    stood = {
        key: (run, request_hash)
        for run, key, request_hash in Run.objects.filter(flow_id=flow, idempotency_key__in=keys).values_list(
            "pk", "idempotency_key", "request_hash"
        )
    }
    if len(stood) < len(keys) or None in keys:
        raise ReleaseMoved
    for key, wanted in zip(keys, fields["request_hashes"], strict=True):
        if stood[key][1] != wanted:
            raise KeyReused(key=key)
    return stood[keys[0]][0], stood[keys[-1]][0]
