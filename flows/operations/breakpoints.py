"""Breakpoints of a run: where it is to stop, and letting a step that stopped go on.

They belong to one run, are letters in its inbox like all steering, and stand in its journal from then on.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal
from uuid import UUID

from flows.dsl.read import read_document
from flows.engine.breakpoints import NotHeld, check_points
from flows.engine.compile import compile_plan
from flows.errors import NotFound
from flows.journal import read
from flows.models import Inbox, Run
from flows.nodes.installed import catalogue
from flows.operations.actor import Actor
from flows.operations.runs import find_run
from flows.operations.steering import MAX_NAME, send, steered
from flows.security import safejson
from flows.security.safejson import Json

KIND: Final = "breakpoints"
LET_GO: Final = "let_go"

Verdict = Literal["continue", "over"]


def read_breakpoints(actor: Actor, run: UUID) -> dict[str, str]:
    """Conditions by node id, as the run has them or is about to. Raises NotFound."""
    find_run(actor, run)
    letters = Inbox.objects.filter(run_id=run, kind=KIND, consumed_at__isnull=True).order_by("-pk")
    waiting = letters.values_list("payload", flat=True).first()
    if waiting is None:
        return read.breakpoints(run)
    payload: Any = safejson.loads(waiting)
    return dict(payload["points"])


def set_breakpoints(actor: Actor, run: UUID, points: Mapping[str, str]) -> Run:
    """Stop before steps of these nodes from now on, in place of those before. Raises NotFound, RunEnded, BadBreakpoint."""
    found = steered(actor, run)
    return put(actor, found, checked(read.run_document(run), points))


def checked(document: Json, points: Mapping[str, str]) -> dict[str, str]:
    """Breakpoints that this document can have. Raises BadBreakpoint."""
    return check_points(points, compile_plan(read_document(document), catalogue()).nodes)


def put(actor: Actor, run: Run, points: Mapping[str, str]) -> Run:
    """Send checked breakpoints to the run."""
    payload: dict[str, Json] = {"points": dict(points), "by": actor.name}
    return send(actor, run, KIND, payload)


def let_go(
    actor: Actor,
    run: UUID,
    step: str,
    *,
    verdict: Verdict,
    given: tuple[Json] | None = None,
    output: Json = None,
    port: str = "out",
) -> Run:
    """Let a step at a breakpoint go on, with another input if one is given, or step over it with this output.

    Raises NotFound, RunEnded, NotHeld.
    """
    found = steered(actor, run)
    detail: Any = read.step_detail(run, step) if "\x00" not in step else None
    if detail is None:
        raise NotFound(thing="step")
    if (detail["waits_on"] or {}).get("on") != "breakpoint":
        raise NotHeld(step=step, status=detail["status"])
    payload: dict[str, Json] = {"step": step, "verdict": verdict, "by": actor.name}
    if verdict == "over":
        payload |= {"output": output, "port": port}
    elif given is not None:
        payload |= {"edited": True, "input": given[0]}
    return send(actor, found, LET_GO, payload, name=step[:MAX_NAME])
