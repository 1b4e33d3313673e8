"""What must hold of a history: `fsck`'s own rules for every run, and what effects, calls, snapshots and ends promise.

It looks at the tables and at what reached the world, and answers in sentences; nothing is asked of the executors.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import orjson

from flows.dsl.effects import Effect
from flows.engine.events import (
    CancelRequested,
    CompensationStarted,
    ErrorInfo,
    Event,
    StepCancelled,
    StepFailed,
    StepResolved,
    StepStarted,
    StepSucceeded,
    StepWaiting,
    TimerSet,
)
from flows.engine.invariants import Examiner
from flows.engine.plan import Plan
from flows.engine.snapshot import dump_state, load_state
from flows.journal.codec import decode, fence_of, refs_of
from flows.journal.outbox import message_id
from flows.runtime.context import idempotency_key
from flows.runtime.family import CHILD
from flows.runtime.holding import Beside, Columns, Found, Told, beside_holds, places_hold, row_holds
from flows.runtime.kinship import Calls, Child, digest, kin_holds
from flows.runtime.simulation.sameness import differences
from flows.runtime.simulation.server import ENDED, RunRow

if TYPE_CHECKING:
    from flows.runtime.simulation.world import World


def judged(world: "World") -> list[str]:
    """What is wrong, in sentences; nothing, where all holds."""
    found = world.bounds.faults + world.bounds.left_behind()
    if world.publishes:
        found += world.receivers.left_behind()
    for row in world.server.runs.values():
        found += [f"run {row.id.int}, {sentence}" for sentence in _of_run(world, row)]
    found += _calls(world)
    for process in world.processes:
        found += [f"process {process.number}: {complaint} [program]" for complaint in process.complaints()]
    return found


def _of_run(world: "World", row: RunRow) -> Iterator[str]:
    plan = world.plans[row.flow]
    examiner, told, called, events = Examiner(plan, world.known), Told(), Calls(), list[Event]()
    for one in sorted(world.server.events[row.id]):
        event = decode(one.kind, one.step, one.at, one.data)
        examiner.take(one.seq, event, fence_of(one.data))
        told.take(event)
        called.take(event)
        events.append(event)
    for finding in examiner.finish():
        yield f"step {finding.step}, seq {finding.seq}: {finding.sentence} [{finding.rule}]"
    if examiner.folds and world.known[row.document_hash] is not examiner.machine.plan:
        yield "its row names another version than its journal moved it to [projection]"
    beside = beside_holds(told, _beside(world, row))
    for rule, sentence in (*row_holds(_columns(world, row), examiner), *beside, *_places(world, row, examiner)):
        yield f"{sentence} [{rule}]"
    letters = {mail.name for mail in world.server.unread([row.id]) if mail.kind == CHILD}
    for step, sentence in kin_holds(called, _children(world, row), letters, has_ended=row.status in ENDED):
        yield f"step {step}: {sentence} [calls]"
    if row.status not in ENDED:
        yield f"it is {row.status} (for {examiner.why_parked()}) and did not end [liveness]"
    if row.status == "paused" and row.error is not None:
        yield f"it was set aside: {row.error} [program]"
    yield from _effects(world, row, events)
    yield from _goes(events)
    yield from _farewells(events)
    yield from _published(world, row, events)
    yield from _values(world, row, events)


def _published(world: "World", row: RunRow, events: list[Event]) -> Iterator[str]:
    """A message is in the outbox if and only if its step succeeded."""
    laid = {(one.step, str(one.id)) for one in world.server.outbox.values() if one.run == row.id and one.step}
    told = {
        (step, name) for event in events
        if isinstance(event, StepSucceeded) and event.output == {"message": (name := str(message_id(row.id, step := event.step or "")))}
    }  # fmt: skip
    for step, name in sorted(laid ^ told):
        yield f"step {step}: its message is {'in the outbox' if (step, name) in laid else 'in the journal'} alone [outbox]"


def _values(world: "World", row: RunRow, events: list[Event]) -> Iterator[str]:
    """What events name is needed, what is needed is there, and only who has ended lets anything go."""
    server = world.server
    uses = {name: is_gone for (run, name), is_gone in server.needed.items() if run == row.id}
    for name in sorted({name for event in events for name in refs_of(event)} - uses.keys()):
        yield f"its journal names the value {name[:8]}, and nothing says that it is needed [payload]"
    for name, is_gone in uses.items():
        if is_gone and row.status not in ENDED:
            yield f"the value {name[:8]} was let go while it goes on [payload]"
        elif not is_gone and name not in server.payloads:
            yield f"the value {name[:8]} that it needs is gone [payload]"


def _columns(world: "World", row: RunRow) -> Columns:
    server = world.server
    return Columns(
        id=row.id, status=row.status, owner=row.owner, fence=row.fence, seq=row.seq, mail=row.mail, output=row.output,
        error=row.error, wake_at=row.wake_at, finished_at=row.finished_at, is_known=row.owner in server.executors,
        unread=len(server.unread([row.id])),
    )  # fmt: skip


def _beside(world: "World", row: RunRow) -> Beside:
    beside, server = Beside(), world.server
    for mail in server.inbox.values():
        if mail.run == row.id and mail.consumed and mail.kind in ("signal", "cancel"):
            beside.letters[mail.kind, mail.name, (mail.key or "") if mail.kind == "signal" else ""] += 1
        beside.moves += mail.run == row.id and mail.consumed and mail.kind == "move"
    for message in server.outbox.values():
        if message.run == row.id and message.topic == "alert" and not message.step:
            said = orjson.loads(message.payload)
            beside.messages[said.get("step") or "", said.get("reason", "")] += 1
    for run, step, code, _ in server.alerts:
        if run == row.id:
            beside.alerts[step, code] += 1
    return beside


def _children(world: "World", row: RunRow) -> dict[str, Child]:
    server = world.server
    recalled = {mail.run for mail in server.inbox.values() if mail.kind == "cancel"}
    return {
        str(one.id): Child(
            step=one.parent_step,
            status=one.status,
            output=None if one.output is None else digest(one.output),
            awaited=one.awaited,
            is_recalled=one.id in recalled,
        )
        for one in server.runs.values()
        if one.parent_run == row.id
    }


def _places(world: "World", row: RunRow, examiner: Examiner) -> Found:
    places = {(p.step, p.seed): (p.name, p.token) for p in world.server.places.values() if p.run == row.id}
    return places_hold(places, examiner)


def _effects(world: "World", row: RunRow, events: list[Event]) -> Iterator[str]:
    """One key, one content; `once` is never sent again by itself; what succeeded has reached the world."""
    succeeded = {event.step or "" for event in events if isinstance(event, StepSucceeded)}
    # Who decides that a step failed leaves it to the rules of what is around it, which may try again.
    again = [event.step for event in events if isinstance(event, StepResolved) and event.verdict != "succeeded"]
    steps = {event.step for event in events if event.step is not None}
    for step in sorted(steps):
        node = world.node_of(row.flow, step)
        if node is None or node.type.name != "sim.task" or (node.kind == "each" and not step.endswith("]")):
            continue
        sent = world.sent.get(idempotency_key(row.id, step), [])
        if node.effect in (Effect.KEYED, Effect.TRANSACTIONAL, Effect.ONCE):
            for one in sent[1:]:
                if one.content != sent[0].content:
                    yield f"step {step}: its effect contradicts itself: {sent[0].content}, then {one.content} [effects]"
        if node.effect is Effect.ONCE and len(sent) > 1 + again.count(step):
            yield f"step {step}: a `once` effect happened {len(sent)} times [effects]"
        if step in succeeded and not sent:
            yield f"step {step}: it succeeded and its effect never happened [effects]"


def _goes(events: list[Event]) -> Iterator[str]:
    """Work in several goes is done go by go, goes on where it was cut, and is not done before the last; what failed, or took
    back what it had done, is begun anew."""
    last: dict[str, tuple[int, int]] = {}
    for event in events:
        step = event.step or ""
        match event:
            case TimerSet(again={"left": int()}):
                pass  # it takes back what it has done
            case TimerSet(again={"gone": int(gone), "of": int(goes)}):
                if gone != last.get(step, (0, 0))[0] + 1:
                    yield f"step {step}: its go {gone} was said to be next behind {last.get(step)} [goes]"
                last[step] = gone, goes
            case StepFailed():
                last.pop(step, None)
            case StepSucceeded() if last.get(step, (0, 0))[0] != last.get(step, (0, 0))[1]:
                yield f"step {step}: it succeeded behind {last[step][0]} of {last[step][1]} goes [goes]"


def _farewells(events: list[Event]) -> Iterator[str]:
    """What asked for a farewell isn't cancelled; what begins when its run is cancelled is told that it leaves."""
    asked: set[str] = set()
    late: set[str] = set()
    is_cancelled = is_undoing = False
    for event in events:
        step = event.step or ""
        match event:
            case CancelRequested():
                is_cancelled = not is_undoing
            case CompensationStarted():
                is_cancelled, is_undoing = False, True
            case StepStarted():
                (late.add if is_cancelled else late.discard)(step)
            case StepCancelled() if step in asked:
                yield f"step {step}: it was cancelled, and had asked for a farewell [goes]"
            case StepFailed(error=ErrorInfo(code="step_timeout")) if step in asked:
                yield f"step {step}: its time cut it off for good, and it had asked for a farewell [goes]"
            case TimerSet(again=dict(again)) if step in late and "left" not in again:
                yield f"step {step}: its run was cancelled, and it goes on with its work [goes]"
            case StepWaiting() | StepSucceeded() | StepFailed():
                asked.discard(step)
        if isinstance(event, TimerSet):
            (asked.add if event.farewell else asked.discard)(step)


def _calls(world: "World") -> Iterator[str]:
    """A called run exists if and only if the journal of its caller names it."""
    named = {
        orjson.loads(one.data).get("ref")
        for rows in world.server.events.values()
        for one in rows
        if one.kind == "step_waiting"
    }
    for child, order in world.calls.items():
        exists = child in world.server.runs
        if order.waits and exists != (str(child) in named):
            yield f"run {order.run.int}, step {order.step}: the run it called {'exists' if exists else 'is missing'} and its journal says otherwise [calls]"


def snapshot_faults(
    plan: Plan, plans: Mapping[str, Plan], rows: list[tuple[str, str | None, int, str]], data: bytes
) -> str | None:
    """A state loaded from a snapshot is the one that folding the whole journal gives."""
    examiner = Examiner(plan, plans)
    for kind, step, at, text in rows:
        examiner.machine.apply(decode(kind, step, at, text))
    folded = examiner.machine.state
    loaded = load_state(examiner.machine.plan, orjson.loads(data))
    if orjson.dumps(dump_state(folded)) != data:
        return "it isn't what folding the journal up to it gives"
    return differences(folded, loaded)
