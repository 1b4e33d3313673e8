"""Starting a run: one statement, one round trip, no lock that outlives it.

What a process knows of a flow's live release is remembered and proved by the statement itself: it inserts only
where that release is still the live one, and its environment as it was. When it isn't so, the target is read again. Idempotency is a unique key.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

import orjson
from django.utils import timezone

from flows.errors import BadInput, Conflict, NotFound
from flows.journal.prepared import prepared
from flows.models import Flow, Live, Run, Version
from flows.models.base import new_id
from flows.operations import access, documents
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.environments import around_named, around_of, environment_named, name_of
from flows.operations.errors import Archived, NotLiveThere, NotPublished
from flows.operations.facts import Facts, facts_of_version
from flows.operations.lines import LineFull, join, stand_of
from flows.operations.numbers import sequence_of
from flows.security import safejson
from flows.security.safejson import Json

MAX_KEY: Final = 255
MAX_PRIORITY: Final = 100
_REMEMBERED: Final = 10_000
_TURNS: Final = 20

# The run is made only if the flow is the actor's, is not archived and, where a live release was assumed, it is live still
# and its environment gives what it gave; without one its environment is held, so that it stays where a run is. A known key is looked for first, so that it uses up no number; the unique index decides between two at once.
INSERT: Final = """
INSERT INTO flows_run (id, workspace_id, flow_id, version_id, document_hash, part, number, attempt, rerun_of_id,
  parent_run_id, parent_step, trigger, input, idempotency_key, request_hash, started_by, is_test, status, priority,
  queue, line, line_limit, held, fence, seq, careful, mail, environment_id, setting_id, created_at)
SELECT %(id)s::uuid, f.workspace_id, f.id, %(version)s::uuid, %(hash)s::text, %(part)s::text,
  nextval(%(sequence)s::text::regclass), %(attempt)s::int, %(rerun_of)s::uuid, %(parent_run)s::uuid, %(parent_step)s::text,
  %(trigger)s::text, %(input)s::text, %(key)s::text, %(request_hash)s::text, %(started_by)s::text, %(is_test)s::bool,
  'queued', %(priority)s::int, %(queue)s::text, %(line)s::text, %(line_limit)s::int, %(line)s::text IS NOT NULL,
  0, 0, false, 0, %(environment)s::uuid, %(setting)s::uuid, %(created_at)s::timestamptz
FROM flows_flow f
WHERE f.id = %(flow)s::uuid AND f.workspace_id = %(workspace)s::uuid AND f.archived_at IS NULL
  AND (%(live)s::uuid IS NULL OR EXISTS
    (SELECT 1 FROM flows_live l JOIN flows_environment e ON e.id = l.environment_id
     WHERE l.release_id = %(live)s::uuid AND e.setting_id IS NOT DISTINCT FROM %(setting)s::uuid))
  AND (%(live)s::uuid IS NOT NULL OR %(environment)s::uuid IS NULL OR EXISTS
    (SELECT 1 FROM flows_environment e WHERE e.id = %(environment)s::uuid FOR KEY SHARE))
  AND (%(key)s::text IS NULL OR NOT EXISTS
    (SELECT 1 FROM flows_run r WHERE r.flow_id = f.id AND r.idempotency_key = %(key)s::text))
ON CONFLICT (flow_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
RETURNING number, pg_notify('mulgil_ready', queue),
  CASE WHEN %(is_told_later)s::bool THEN set_config('synchronous_commit', 'off', true) END
"""


class KeyReused(BadInput):
    """The idempotency key {key} belongs to a start with another body."""

    code = "idempotency_key_reused"
    hint = "Use a new key for a new request."


@dataclass(frozen=True, slots=True, kw_only=True)
class StartedRun:
    """A run as its start answers it; `version` is the number, None for a draft."""

    id: UUID
    flow: UUID
    version: int | None
    number: int
    status: str
    input: Json
    created_at: datetime
    rerun_of: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """`created` is False where the key was known and the run is the one started then."""

    run: StartedRun
    created: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What else is known of a start: a draft's part, the run it repeats, the run and step that called it."""

    part: str = ""
    is_test: bool = False
    attempt: int = 1
    rerun_of: UUID | None = None
    parent_run: UUID | None = None
    parent_step: str = ""


PLAIN: Final = Origin()


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked of a start, before it is known which document answers.

    `is_told_later`: nobody is told of the run before something that was committed after it stands on the disk.
    """

    input: Json
    trigger: str | None = None
    priority: int = 0
    key: str | None = None
    request_hash: str = ""
    is_told_later: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where new starts of a flow go in an environment: its live release there, and the canary with its share of them."""

    release: UUID
    live: Facts
    canary: Facts | None = None
    weight: int = 0

    def choose(self, flow: UUID, key: str, trigger: str | None = None) -> Facts:
        """Live or canary; the same key gets the same answer as long as the weight stands.

        A canary that doesn't have the trigger is passed by: what stands outside was told of the live one's.
        """
        if self.canary is None or (trigger is not None and trigger not in self.canary.triggers):
            return self.live
        draw = int.from_bytes(hashlib.sha256(f"{flow}:{key}".encode()).digest()[:8], "big") % 100
        return self.canary if draw < self.weight else self.live


@dataclass(slots=True)
class _Memory:
    # By workspace too: a stranger must not even meet the input check of another's flow. By what the start calls the
    # environment; None: the default one.
    targets: dict[tuple[UUID, UUID, str | None], Target] = field(default_factory=dict)

    def put(self, key: tuple[UUID, UUID, str | None], target: Target) -> None:
        if len(self.targets) >= _REMEMBERED:
            self.targets.clear()
        self.targets[key] = target


_memory = _Memory()


def start(
    actor: Actor,
    flow: UUID,
    *,
    input: Json = None,  # noqa: A002  # the word of the contract
    version: int | None = None,
    trigger: str | None = None,
    priority: int = 0,
    idempotency_key: str | None = None,
    origin: Origin = PLAIN,
    is_told_later: bool = False,
    environment: str | None = None,
) -> Started:
    """Put a run of a released or named version into the queue, in the default environment or the one named. When this returns, it is committed; where it `is_told_later`,
    a crash of the server may still forget it until the next commit that waits for the disk.

    Raises NotFound, NotPublished, Archived, KeyReused, LineFull, NotBound, NoValue, and BadInput for a bad input, trigger,
    key or priority.
    """
    check_key(idempotency_key)
    check_priority(priority)
    body: Json = {} if input is None else input
    request: dict[str, Json] = {"input": body, "version": version, "trigger": trigger, "priority": priority}
    if environment is not None:
        request["environment"] = environment
    request_hash = digest(request) if idempotency_key is not None else ""
    order = Order(
        input=body,
        trigger=trigger,
        priority=priority,
        key=idempotency_key,
        request_hash=request_hash,
        # The same key again is answered at once, with this run.
        is_told_later=is_told_later and idempotency_key is None,
    )
    return place(actor, flow, order, version=version, origin=origin, environment=environment)


def place(
    actor: Actor,
    flow: UUID,
    order: Order,
    *,
    version: int | None = None,
    origin: Origin = PLAIN,
    environment: str | None = None,
) -> Started:
    """Carry an order out; what outside happenings (triggers, other runs) call. Raises as `start` does."""
    access.require(actor, Permission.RUNS_START)
    try:
        if version is not None:
            facts = named_version(actor, flow, version, environment)
            started = insert(actor, flow, facts, order, run=new_id(), live=None, origin=origin)
        else:
            started = _start_live(actor, flow, order, origin, environment)
    except (BadInput, Archived, Conflict, LineFull):
        # A repeated key is answered with its run, whatever became of the flow since.
        started = known_run(actor, flow, order)
        if started is None:
            raise
    if started is None:
        raise _why_not(actor, flow)
    return started


def _start_live(
    actor: Actor, flow: UUID, order: Order, origin: Origin, environment: str | None = None
) -> Started | None:
    run = new_id()
    # The release may change again between reading it and inserting; each turn lost means that one did.
    for turn in range(_TURNS):
        target = target_of(actor, flow, environment, known=turn == 0)
        facts = target.choose(flow, order.key or str(run), order.trigger)
        started = insert(actor, flow, facts, order, run=run, live=target.release, origin=origin)
        if started is not None:
            return started
    return None


def insert(
    actor: Actor, flow: UUID, facts: Facts, order: Order, *, run: UUID, live: UUID | None, origin: Origin = PLAIN
) -> Started | None:
    """The statement. None: what was assumed of the flow isn't so.

    Raises NotFound for an environment that is gone, KeyReused, InputRefused, NoTrigger, BadLineKey, and LineFull where the flow's limit refuses.
    """
    trigger = facts.enter(order.trigger)
    given = facts.check_input(order.input, trigger)
    now = timezone.now()
    stand = stand_of(facts, given)
    fields = _fields(actor, flow, facts, origin) | {
        "line": stand.line if stand else None,
        "line_limit": stand.limit if stand else None,
        "id": run,
        "live": live,
        "trigger": trigger,
        "input": safejson.dumps(given),
        "key": order.key,
        "request_hash": order.request_hash,
        "priority": order.priority,
        "is_told_later": order.is_told_later,
        "created_at": now,
    }
    row = _made(fields) if stand is None else join(flow, [stand], partial(_made, fields))
    if row is None:
        name_of(facts.environment)
        return known_run(actor, flow, order)
    made = StartedRun(
        id=run,
        flow=flow,
        version=facts.number,
        number=row[0],
        status="queued",
        input=given,
        created_at=now,
        rerun_of=origin.rerun_of,
    )
    return Started(run=made, created=True)


def _made(fields: dict[str, Any]) -> tuple[Any, ...] | None:
    with prepared() as cursor:
        cursor.execute(INSERT, fields)
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row


def target_of(actor: Actor, flow: UUID, environment: str | None = None, *, known: bool = False) -> Target:
    """Where new starts go. Raises NotFound, Archived, NotPublished, NotBound, NoValue."""
    key = actor.workspace, flow, environment
    if known and (remembered := _memory.targets.get(key)) is not None:
        return remembered
    rows = Live.objects.filter(flow_id=flow, flow__workspace_id=actor.workspace)
    where = (
        rows.filter(environment__is_default=True) if environment is None else rows.filter(environment__name=environment)
    )
    live = where.select_related("flow", "release", "environment__setting").first()
    if live is None:
        raise _nothing_live(actor, flow, environment)
    if live.flow.archived_at is not None:
        raise Archived
    there = around_of(live.environment)
    release = live.release
    target = Target(
        release=release.pk,
        live=facts_of_version(release.version_id).within(there),
        canary=facts_of_version(release.canary_id).within(there) if release.canary_id else None,
        weight=release.canary_weight,
    )
    _memory.put(key, target)
    return target


def _nothing_live(actor: Actor, flow: UUID, environment: str | None) -> Exception:
    found = _why_not(actor, flow)
    if environment is None or not isinstance(found, NotPublished):
        return found
    there = environment_named(actor.workspace, environment)
    return found if there.is_default else NotLiveThere(environment=there.name)


def check_key(key: str | None) -> None:
    if key is not None and (not 1 <= len(key) <= MAX_KEY or "\x00" in key):
        raise BadInput(reason=f"an idempotency key has 1 to {MAX_KEY} characters")


def check_priority(priority: int) -> None:
    if not -MAX_PRIORITY <= priority <= MAX_PRIORITY:
        raise BadInput(reason=f"priority is from -{MAX_PRIORITY} to {MAX_PRIORITY}")


def digest(request: dict[str, Json]) -> str:
    """What says whether two requests are the same one."""
    return hashlib.sha256(orjson.dumps(request, option=orjson.OPT_SORT_KEYS)).hexdigest()


def named_version(actor: Actor, flow: UUID, number: int, environment: str | None = None) -> Facts:
    """What a start must know of the version of this number in an environment.

    Raises NotFound, VersionPruned, NotBound, NoValue.
    """
    rows = Version.objects.filter(flow_id=flow, flow__workspace_id=actor.workspace, number=number)
    found = rows.only("number", "pruned_at").first() if 0 < number < 2**31 else None
    if found is None:
        raise _why_not(actor, flow, NotFound(thing="version"))
    documents.check_stands(found)
    return facts_of_version(found.pk).within(around_named(actor.workspace, environment))


def _fields(actor: Actor, flow: UUID, facts: Facts, origin: Origin) -> dict[str, Any]:
    return {
        "flow": flow,
        "workspace": actor.workspace,
        "version": facts.version,
        "hash": facts.hash,
        "environment": facts.environment,
        "setting": facts.setting,
        "queue": facts.queue,
        "sequence": sequence_of(flow),
        "started_by": actor.name[:200],
        "part": origin.part,
        "is_test": origin.is_test,
        "attempt": origin.attempt,
        "rerun_of": origin.rerun_of,
        "parent_run": origin.parent_run,
        "parent_step": origin.parent_step,
    }


def known_run(actor: Actor, flow: UUID, order: Order) -> Started | None:
    """The run that was started with this key. Raises KeyReused where its body was another."""
    if order.key is None:
        return None
    rows = Run.objects.filter(flow_id=flow, workspace_id=actor.workspace, idempotency_key=order.key)
    run = rows.select_related("version").defer("version__document").first()
    if run is None:
        return None
    if run.request_hash != order.request_hash:
        raise KeyReused(key=order.key)
    return Started(run=view_of(run), created=False)


def view_of(run: Run) -> StartedRun:
    """A run that stands, as a start answers it."""
    return StartedRun(
        id=run.pk,
        flow=run.flow_id,
        version=run.version.number if run.version else None,
        number=run.number,
        status=run.status,
        input=safejson.loads(run.input),
        created_at=run.created_at,
        rerun_of=run.rerun_of_id,
    )


def _why_not(actor: Actor, flow: UUID, otherwise: Exception | None = None) -> Exception:
    row = Flow.objects.filter(pk=flow, workspace_id=actor.workspace).only("archived_at").first()
    if row is None:
        return NotFound(thing="flow")
    if row.archived_at is not None:
        return Archived()
    return otherwise or NotPublished()
