"""Back-tests: a draft or a version played against runs that were, with the world's answers out of their journals.

Nothing leaves the machine. What is pure is computed anew; what asks the world gets the answer it got then, and is held
against what it asked then. An answer that nobody recorded is never made up: the run is said to end there.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal
from uuid import UUID

from flows.dsl.binding import laid_over
from flows.dsl.canonical import content_hash
from flows.dsl.document import Document
from flows.dsl.instants import Instant
from flows.dsl.read import InvalidDocument, read_document
from flows.engine.commands import StartAttempt
from flows.engine.compile import compile_plan
from flows.engine.events import ErrorInfo, Event, RunStarted
from flows.engine.ledger import Ledger, read_ledger
from flows.engine.outcomes import Failed, Outcome, Succeeded, WaitsUntil
from flows.engine.plan import Plan
from flows.engine.simulate import StandsBeside, plain
from flows.errors import BadInput, MulgilError, phrase
from flows.journal.kept import is_omitted
from flows.journal.moved import KIND as MOVED
from flows.journal.read import events_after, output_of, run_document, run_view
from flows.journal.rows import Row
from flows.journal.steps_seen import Attempt, StepSeen, fold
from flows.models import Draft, Run
from flows.models.run import Status
from flows.nodes.installed import catalogue
from flows.operations import access, documents
from flows.operations.access import Permission
from flows.operations.actor import Actor
from flows.operations.environments import vars_of
from flows.operations.facts import Facts, InputRefused, NoTrigger, facts_of
from flows.operations.flows import find_flow
from flows.operations.rehearsal import RehearsalTooLong, Stage
from flows.operations.validation import problems_of, unplannable
from flows.operations.versions import find_version
from flows.security.masking import MASK, Masker
from flows.security.safejson import Json

MOST_RUNS: Final = 100
MOST_EVENTS: Final = 20_000
MOST_TOLD: Final = 50
_PLAIN: Final = Masker()
_COMPARED: Final = frozenset({"succeeded", "failed", "skipped"})

Verdict = Literal["same", "differs", "unanswered", "refused", "too_long"]


class Unanswered(MulgilError):
    """{step} asks the world, and the run never came there."""

    code = "unanswered"


class WasOther(Unanswered):
    """{step} was of type {was} when the run was recorded."""


class NotThere(Unanswered):
    """{step} was not there when the run was recorded."""


class TriedLess(Unanswered):
    """{step} was tried {times} times when the run was recorded, and not once more."""


class NoEnd(Unanswered):
    """The attempt of {step} came to no answer when the run was recorded."""


class AnswerRemoved(Unanswered):
    """What {step} answered was removed when its time to be kept was over."""


class NothingRecorded(Unanswered):
    """Nothing that the run recorded is there any more."""


class TooLong(MulgilError):
    """The run has more than {events} events."""

    code = "run_too_long"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """`what`: the state or output of a step, a call to the world that asks for something else, or the run's end."""

    what: Literal["state", "output", "call", "end"]
    step: str
    before: Json
    after: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """One run against the candidate. `reason` says why it could not be played to its end, `step` where."""

    run: UUID
    number: int
    before: str
    after: str | None = None
    verdict: Verdict = "same"
    step: str = ""
    reason: MulgilError | None = None
    differences: Sequence[Difference] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BackTest:
    """`left` runs were not played because time ran out."""

    runs: Sequence[Replayed]
    left: int


@dataclass(slots=True)
class _World:
    """The answers of one recorded run. `differences` grows with every call that asks for something else than then."""

    run: UUID
    steps: Mapping[str, StepSeen]
    types: Mapping[str, str]
    differences: list[Difference] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)

    def answer(self, start: StartAttempt, config: Json, now: Instant) -> tuple[Outcome, int]:
        seen = self.steps.get(start.step)
        was = self.types.get(start.node.id)
        if seen is None or (not seen.attempts and not seen.given):
            raise Unanswered(step=start.step)
        if was is None:
            raise NotThere(step=start.step)
        if was != start.node.type.name:
            raise WasOther(step=start.step, was=was)
        self.asked.add(start.step)
        if seen.given:
            return Succeeded(_recorded(self.run, seen), seen.port or "out"), 0
        tried = [one for one in seen.attempts if one.number == start.attempt]
        if not tried:
            raise TriedLess(step=start.step, times=len(seen.attempts))
        if start.attempt == 1:
            self._compare(start.step, tried[-1].input, config)
        return _outcome(self.run, seen, tried[-1], now), _lasted(tried[-1])

    def then(self, start: StartAttempt) -> tuple[Instant, int] | None:
        """The clock and the seed of the attempt that was: what is made of them is the same again."""
        seen = self.steps.get(start.step)
        tried = [one for one in seen.attempts if one.number == start.attempt] if seen is not None else []
        return (tried[-1].started_at, tried[-1].seed) if tried and start.purpose == "run" else None

    def _compare(self, step: str, before: Json, after: Json) -> None:
        if before is not None and not _alike(before, after):
            self.differences.append(Difference(what="call", step=step, before=before, after=_PLAIN.json(after)))


def back_test(actor: Actor, flow: UUID, *, version: int | None = None, runs: int = 20) -> BackTest:
    """Play the draft, or this version, against the newest ended runs of the flow.

    Raises NotFound, BadInput, and InvalidDocument with the problems that keep the candidate from being run.
    """
    access.require(actor, Permission.RUNS_READ)
    if not 0 < runs <= MOST_RUNS:
        raise BadInput(reason=phrase("a back-test takes 1 to {most} runs", most=MOST_RUNS))
    found = find_flow(actor, flow)
    document = _candidate(actor, flow, version)
    facts, plan = facts_of(document, content_hash(document)), compile_plan(document, catalogue())
    ended = Run.objects.filter(flow_id=flow, is_test=False, part="", status__in=(Status.SUCCEEDED, Status.FAILED))
    chosen = list(ended.order_by("-id")[:runs])
    about: dict[str, Json] = {"id": str(flow), "name": found.name, "version": version}
    played: list[Replayed] = []
    with Stage() as stage:
        for row in chosen:
            try:
                played.append(_replay(stage, plan, facts, row, about))
            except RehearsalTooLong:
                break
    return BackTest(runs=played, left=len(chosen) - len(played))


def _candidate(actor: Actor, flow: UUID, version: int | None) -> Document:
    if version is not None:
        chosen = find_version(actor, flow, version)
        documents.check_stands(chosen)
        raw: Json = documents.from_text(chosen.document)
    else:
        raw = documents.from_text(Draft.objects.values_list("document", flat=True).get(flow_id=flow))
    problems = unplannable(problems_of(actor, raw))
    if problems:
        raise InvalidDocument(problems)
    return read_document(raw)


def _replay(stage: Stage, plan: Plan, facts: Facts, row: Run, about: Mapping[str, Json]) -> Replayed:
    run = row.pk
    played = Replayed(run=run, number=row.number, before=row.status)
    rows = events_after(run, 0, MOST_EVENTS + 1)
    if not rows:  # it was deleted since it was chosen
        return replace(played, verdict="unanswered", reason=NothingRecorded())
    if len(rows) > MOST_EVENTS:
        return replace(played, verdict="too_long", reason=TooLong(events=MOST_EVENTS))
    view = run_view(run) or {}
    try:
        trigger = facts.enter(row.trigger or None)
        given = facts.check_input(view.get("input"), trigger)
    except (InputRefused, NoTrigger) as error:
        return replace(played, verdict="refused", reason=error)
    plan = _as_it_ran(plan, row)
    steps = fold(rows)
    types = _types(run, rows)
    world, journal = _World(run, steps, types), list[Event]()
    started = RunStarted(at=rows[0].at, input=given, trigger=trigger)
    roots = {"run": _run_root(row), "flow": about}
    try:
        simulation = stage.replay(plan, started, answer=world.answer, then=world.then, roots=roots, journal=journal)
        after = {"status": simulation.status, "error": _code(simulation.error), "output": plain(simulation.output)}
    except (Unanswered, StandsBeside) as error:
        told = [*world.differences, *_steps(run, steps, read_ledger(journal), plan)]
        step = str(error.fields.get("step", ""))
        played = replace(played, verdict="unanswered", step=step, reason=error)
        return replace(played, differences=told[:MOST_TOLD])
    ledger = read_ledger(journal)
    differences = [*_end(view, after), *world.differences, *_left_out(steps, world, plan, types, ledger)]
    differences += _steps(run, steps, ledger, plan)
    played = replace(played, after=simulation.status, differences=differences[:MOST_TOLD])
    return replace(played, verdict="differs" if differences else "same")


def _as_it_ran(plan: Plan, row: Run) -> Plan:
    """With the values that the run's environment gave it."""
    return plan if row.setting is None else replace(plan, vars=laid_over(plan.vars, vars_of(row.setting)))


def _types(run: UUID, rows: Sequence[Row]) -> dict[str, str]:
    """The types of its nodes, those of versions it was moved from among them; what has begun keeps its type."""
    behind = [row.seq - 1 for row in rows if row.kind == MOVED]
    passed = [*(run_document(run, seq) for seq in behind), run_document(run)]
    return {str(node["id"]): str(node["type"]) for document in passed for node in document.get("nodes", ())}


def _run_root(row: Run) -> dict[str, Json]:
    began = row.started_at or row.created_at
    return {"id": str(row.pk), "number": row.number, "attempt": row.attempt, "started_at": began.isoformat()}


def _recorded(run: UUID, seen: StepSeen) -> Json:
    output = output_of(run, seen)
    if seen.output_kept and is_omitted(output):
        raise AnswerRemoved(step=seen.key)
    return output


def _outcome(run: UUID, seen: StepSeen, attempt: Attempt, now: Instant) -> Outcome:
    if isinstance(attempt.error, dict):
        known = attempt.error
        return Failed(
            ErrorInfo(
                code=str(known.get("code", "")),
                message=str(known.get("message", "")),
                klass=known.get("class", "permanent"),  # type: ignore[arg-type]  # it was written by the machine
            )
        )
    if attempt is seen.attempts[-1] and seen.status in ("succeeded", "compensated"):
        return Succeeded(_recorded(run, seen), seen.port or "out")
    following = next((one for one in seen.attempts if one.number == attempt.number + 1), None)
    if attempt.outcome == "waiting" and following is not None:
        # A node that does its work in several goes; what it had come to is asked of nobody here.
        return WaitsUntil(now + following.started_at - attempt.started_at, again={})
    raise NoEnd(step=seen.key)


def _lasted(attempt: Attempt) -> int:
    return 0 if attempt.finished_at is None else max(attempt.finished_at - attempt.started_at, 0)


def _code(error: ErrorInfo | None) -> str | None:
    return error.code if error is not None else None


def _end(view: Mapping[str, Json], after: Mapping[str, Json]) -> Iterator[Difference]:
    error = view.get("error")
    before = {
        "status": view.get("status"),
        "error": error.get("code") if isinstance(error, dict) else None,
        "output": view.get("output"),
    }
    for name, was in before.items():
        now = after[name]
        if not _alike(was, now):
            yield Difference(what="end", step=name, before=_PLAIN.json(was), after=_PLAIN.json(now))


def _left_out(
    steps: Mapping[str, StepSeen], world: _World, plan: Plan, types: Mapping[str, str], ledger: Ledger
) -> Iterator[Difference]:
    """Calls that the run made and the candidate doesn't."""
    known = catalogue()
    for key, seen in steps.items():
        last = seen.attempts[-1] if seen.attempts else None
        kind = known.get(types.get(seen.node, ""))
        if last is None or last.input is None or key in world.asked or kind is None or kind.role != "task":
            continue
        if seen.status in ("succeeded", "failed") and (seen.node not in plan.nodes or _never_comes(key, ledger)):
            yield Difference(what="call", step=key, before=last.input, after=None)


def _never_comes(key: str, ledger: Ledger) -> bool:
    """Whether what it is inside of has ended without a turn or an item that would have come to it."""
    around = ledger.steps.get(key.partition("[")[0])
    return key not in ledger.steps and around is not None and around.status in _COMPARED


def _steps(run: UUID, steps: Mapping[str, StepSeen], ledger: Ledger, plan: Plan) -> Iterator[Difference]:
    """Steps of both whose state or output is another; what only ended sooner or later is none."""
    for key, seen in steps.items():
        entry = ledger.steps.get(key)
        if seen.node not in plan.nodes or seen.status not in _COMPARED:
            continue
        now = entry.status if entry is not None else "pending"
        if now in _COMPARED and now != seen.status:
            yield Difference(what="state", step=key, before=seen.status, after=now)
        elif entry is not None and now == "succeeded" and seen.status == "succeeded" and not seen.given:
            before, after = output_of(run, seen), plain(entry.output)
            if not _alike(before, after):
                yield Difference(what="output", step=key, before=_PLAIN.json(before), after=_PLAIN.json(after))


def _alike(before: Json, after: Json) -> bool:
    """Equal but for what was masked or left out when it was recorded."""
    if isinstance(before, dict):
        if "$omitted" in before:
            return True
        return (
            isinstance(after, dict)
            and before.keys() == after.keys()
            and all(_alike(value, after[key]) for key, value in before.items())
        )
    if isinstance(before, list):
        return isinstance(after, list) and len(before) == len(after) and all(map(_alike, before, after))
    if isinstance(before, str) and MASK in before:
        return True
    return type(before) is type(after) and before == after
