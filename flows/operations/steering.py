"""Steering a run: cancel, pause, resume, signals, and what becomes of an uncertain step.

Each is a letter in the run's inbox, counted on the run in the same transaction; the executor consumes it into
the journal. What is accepted here is never lost, and a repeated key is answered as if it were the first.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import F

from flows.engine.failures import NotUncertain
from flows.errors import BadInput, Conflict, NotFound
from flows.journal import read
from flows.models import Inbox, Run
from flows.models.base import new_id
from flows.models.run import LIVE
from flows.operations import access, audit
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.resolving import check_output
from flows.security import safejson
from flows.security.safejson import Json

MAX_NAME: Final = 200
MAX_STEP: Final = 2_000
SIGNAL_NODE: Final = "flow.signal"
MAX_REASON: Final = 2_000
MAX_PAYLOAD: Final = 2 * 1024 * 1024

# In the order of ids, as every other writer of several runs takes them.
LIVE_AMONG: Final = """
SELECT id FROM flows_run WHERE id = ANY(%(runs)s) AND workspace_id = %(workspace)s AND status = ANY(%(live)s)
ORDER BY id FOR UPDATE
"""
SEND_ALL: Final = """
WITH put AS (
    INSERT INTO flows_inbox (id, run_id, kind, name, key, payload, created_at)
    SELECT x.id, x.run, %(kind)s, '', %(key)s, %(payload)s, now()
    FROM unnest(%(ids)s::uuid[], %(runs)s::uuid[]) AS x(id, run)
    ON CONFLICT (run_id, kind, name, key) WHERE key IS NOT NULL DO NOTHING RETURNING run_id
)
UPDATE flows_run r SET mail = r.mail + 1, held = r.held AND NOT %(leaves_line)s FROM put WHERE r.id = put.run_id
"""

Verdict = Literal["succeeded", "failed", "retry"]


class RunEnded(Conflict):
    """The run has ended: it {status}."""

    code = "run_ended"


class SignalNotAwaited(NotFound):
    """This run awaits no signal {name}; it awaits: {names}"""

    code = "signal_not_awaited"

    def __init__(self, name: str, awaited: Iterable[str]) -> None:
        self.awaited = sorted(awaited)
        super().__init__(name=name, names=", ".join(self.awaited) or "none")


def cancel(actor: Actor, run: UUID, *, reason: str = "", compensate: bool = False) -> Run:
    """Ask a run to end; with `compensate` its undo nodes run first. Raises NotFound, RunEnded."""
    found = steered(actor, run)
    return send(actor, found, "cancel", {"reason": _reason(reason), "by": actor.name, "compensate": compensate})


def pause(actor: Actor, run: UUID, *, reason: str = "") -> Run:
    """Nothing new begins until resume; what runs may end. Raises NotFound, RunEnded."""
    return send(actor, steered(actor, run), "pause", {"reason": _reason(reason), "by": actor.name})


def resume(actor: Actor, run: UUID) -> Run:
    """Raises NotFound, RunEnded."""
    return send(actor, steered(actor, run), "resume", {"by": actor.name})


def signal(actor: Actor, run: UUID, name: str, *, payload: Json = None, key: str | None = None) -> Run:
    """Send a named message. The same key again does nothing.

    Raises NotFound, RunEnded, BadInput, SignalNotAwaited with the names the run's document does await.
    """
    if not 1 <= len(name) <= MAX_NAME or "\x00" in name:
        raise BadInput(reason=f"the name of a signal has 1 to {MAX_NAME} characters")
    if key is not None and (not 1 <= len(key) <= 255 or "\x00" in key):
        raise BadInput(reason="the key of a signal has 1 to 255 characters")
    found = steered(actor, run)
    names = awaitable(read.run_document(run))
    if names is not None and name not in names:
        raise SignalNotAwaited(name, names)
    return send(actor, found, "signal", payload, name=name, key=key)


def awaitable(document: dict[str, Any]) -> set[str] | None:
    """The names of the signals a document may await; None where an expression decides.

    A signal that comes before its step waits in the run, so the document is asked and not the moment.
    """
    names = {
        str((node.get("config") or {}).get("name", ""))
        for node in document.get("nodes", ())
        if node.get("type") == SIGNAL_NODE
    }
    return None if any("{{" in name for name in names) else names


def resolve(
    actor: Actor,
    run: UUID,
    step: str,
    *,
    verdict: Verdict,
    output: Json = None,
    port: str = "out",
    message: str = "",
) -> Run:
    """Say what became of an uncertain step: it succeeded (with this output), failed, or is to be tried again.

    The nodes after it read that output as if the step had given it.
    Raises NotFound, RunEnded, NotUncertain; OutputRefused or PortRefused for what its node could not have given.
    """
    if not 1 <= len(step) <= MAX_STEP or "\x00" in step:
        raise NotFound(thing="step")
    error: Json = None
    if verdict == "failed":
        error = {"code": "resolved_failed", "message": message or f"{actor.name} said that it failed"}
    payload: dict[str, Json] = {
        "step": step,
        "verdict": verdict,
        "output": output,
        "port": port,
        "error": error,
        "by": actor.name,
    }
    found = steered(actor, run)
    detail = read.step_detail(run, step)
    if detail is None:
        raise NotFound(thing="step")
    if detail["status"] != "uncertain":
        raise NotUncertain(step=step, status=detail["status"])
    if verdict == "succeeded":
        check_output(read.run_document(run), step, output=output, port=port)
    return send(actor, found, "resolve", payload, name=step[:MAX_NAME])


def steered(actor: Actor, run: UUID) -> Run:
    """The run, which may be steered. Raises NotFound, RunEnded."""
    access.require(actor, Permission.RUNS_STEER)
    found = Run.objects.filter(pk=run, workspace_id=actor.workspace).only("status", "flow_id", "number").first()
    if found is None:
        raise NotFound(thing="run")
    if found.status not in LIVE:
        raise RunEnded(status=found.status)
    return found


def send(actor: Actor, run: Run, kind: str, payload: Json, *, name: str = "", key: str | None = None) -> Run:
    text = safejson.dumps(payload)
    if len(text) > MAX_PAYLOAD:
        raise BadInput(reason=f"the payload is over the limit of {MAX_PAYLOAD} bytes")
    with transaction.atomic():
        if not _put(run, kind, text, name, key):
            return run
        # The status is looked at under the row's lock: a run that ended meanwhile gets no letter it would never read.
        # Who stands in line reads nothing until it is let in; who is to be cancelled needs to wait for nobody.
        leaves_line = {"held": False} if kind == "cancel" else {}
        if not Run.objects.filter(pk=run.pk, status__in=LIVE).update(mail=F("mail") + 1, **leaves_line):
            run.refresh_from_db(fields=["status"])
            raise RunEnded(status=run.status)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify('mulgil_ready', '')")
        details: dict[str, Any] = {"run": str(run.pk), "name": name}
        audit.record(actor, f"sent {kind} to", f"run #{run.number}", **details)
    return run


def send_to_all(workspace: UUID, runs: Sequence[UUID], kind: str, payload: Json, *, key: str) -> list[UUID]:
    """Send the same letter to many runs of a workspace; those that live and got it, now or with this key before."""
    with transaction.atomic(), connection.cursor() as cursor:
        live: dict[str, Any] = {"runs": list(runs), "workspace": workspace, "live": list(LIVE)}
        cursor.execute(LIVE_AMONG, live)
        told = [run for (run,) in cursor.fetchall()]
        fields: dict[str, Any] = {"runs": told, "ids": [new_id() for _ in told], "kind": kind, "key": key}
        cursor.execute(SEND_ALL, fields | {"payload": safejson.dumps(payload), "leaves_line": kind == "cancel"})
        if told:
            cursor.execute("SELECT pg_notify('mulgil_ready', '')")
    return told


def _put(run: Run, kind: str, text: str, name: str, key: str | None) -> bool:
    try:
        with transaction.atomic():
            Inbox.objects.create(run_id=run.pk, kind=kind, name=name, key=key, payload=text)
    except IntegrityError:
        return False
    return True


def _reason(reason: str) -> str:
    return reason[:MAX_REASON]
