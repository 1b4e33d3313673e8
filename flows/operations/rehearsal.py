"""A rehearsal: the tests of a document, played in memory without a server or a database.

Expressions and code run as they do in earnest, in the sandbox; pure nodes compute; what has an effect on the
world is never performed and must be mocked.
"""

import asyncio
import threading
import time
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any, Final, NoReturn, Self, TypeVar

from flows.dsl.document import Case, Document
from flows.dsl.instants import Instant
from flows.dsl.problem import Problem, pointer, problem
from flows.engine.cases import play_case
from flows.engine.commands import StartAttempt
from flows.engine.compile import compile_plan
from flows.engine.coverage import Coverage, coverage, reached_by
from flows.engine.events import Event, RunStarted
from flows.engine.outcomes import Outcome, Succeeded
from flows.engine.plan import Plan
from flows.engine.simulate import Answer, Simulation, Simulator, Then
from flows.errors import MulgilError, phrase
from flows.expr.compile import Compiled
from flows.expr.sandbox import Sandbox
from flows.nodes.installed import catalogue
from flows.nodes.kinds import NodeType
from flows.nodes.step import LogLevel, Step
from flows.runtime.outcomes import failure_of, outcome_of
from flows.security import safejson
from flows.security.safejson import Json

SECONDS: Final = 20.0
PATIENCE: Final = 5.0
MOST_TOLD: Final = 5
"""Of how many expectations a problem tells; the editor and the command tell all of them."""
# Each takes a thread and computes all the while; the pages of everybody else need both.
AT_ONCE: Final = 2
_rooms: Final = threading.BoundedSemaphore(AT_ONCE)

T = TypeVar("T")


class NotHere(MulgilError):
    """A rehearsal has no {what}."""

    code = "not_in_rehearsal"


@dataclass(frozen=True, slots=True)
class RehearsedStep:
    """What a pure node may see; satisfies `StepContext`."""

    key: str
    attempt: int
    clock: int
    seed: int
    sandbox: Sandbox
    input: Json = None
    idempotency_key: str = ""
    deadline: int | None = None
    lock_token: int | None = None
    state: None = None
    leaving: bool = False
    credential: None = None
    own_database: str | None = None
    cancelled: bool = False

    @property
    def began(self) -> int:
        return self.clock

    @property
    def http(self) -> NoReturn:
        raise NotHere(what="network")

    @property
    def egress(self) -> NoReturn:
        raise NotHere(what="network")

    async def until_cancelled(self) -> None:
        """Nobody cancels a rehearsal."""
        await asyncio.Event().wait()

    async def roll_back(self, *, flow: str, version: int | None, reason: str) -> NoReturn:
        """Nothing is released in a rehearsal."""
        raise NotHere(what="releases")

    async def rival(self, *, target: str, endpoint: str) -> NoReturn:
        """Nothing is deployed in a rehearsal."""
        raise NotHere(what="deployments")

    def log(self, level: LogLevel, message: str, fields: Mapping[str, Json]) -> None:
        """Nobody reads the logs of a rehearsal."""

    def progress(self, done: int, total: int | None) -> None:
        """Nobody watches a rehearsal."""


class RehearsalTooLong(MulgilError):
    """The tests of the flow take longer than {seconds} seconds."""

    code = "tests_too_long"
    status = 422


class TooManyRehearsals(MulgilError):
    """{most} tests or back-tests are being played here already, as many as may at once."""

    code = "too_many_rehearsals"
    status = 429
    klass = "recoverable"
    hint = "Try it again in a moment."


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedCase:
    """A test of a document by its place, and what isn't as it expects, a sentence each; it took so many seconds."""

    index: int
    name: str
    wrong: Sequence[str]
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """All tests of a document, and how much of it they reached."""

    cases: Sequence[PlayedCase]
    coverage: Coverage


class Stage:
    """One loop and one sandbox for all cases, and so many seconds for them together; `with Stage() as stage`.

    Entering raises TooManyRehearsals when a process has no room for one more.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._held = ExitStack()

    def __enter__(self) -> Self:
        with self._held as held:
            if not _rooms.acquire(timeout=PATIENCE):
                raise TooManyRehearsals(most=AT_ONCE)
            held.callback(_rooms.release)
            self._deadline = time.monotonic() + self._seconds
            self._runner = held.enter_context(asyncio.Runner())
            self._sandbox = Sandbox()
            self._runner.run(self._sandbox.__aenter__())
            held.callback(lambda: self._runner.run(self._sandbox.__aexit__(None, None, None)))
            self._held = held.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    def play(self, document: Document) -> list[PlayedCase]:
        """The document's tests in their order. Raises RehearsalTooLong."""
        return [self._play(document, index, case, []) for index, case in enumerate(document.tests)]

    def rehearse(self, document: Document) -> Rehearsed:
        """The tests, and what they reached. Raises RehearsalTooLong, NotRunnable, BadExpression."""
        plan = compile_plan(document, catalogue())
        cases, reached = [], []
        for index, case in enumerate(document.tests):
            journal: list[Event] = []
            cases.append(self._play(document, index, case, journal))
            reached.append(reached_by(plan, journal))
        order = [node.id for node in document.nodes]
        return Rehearsed(cases=cases, coverage=coverage(plan, order, reached))

    def replay(
        self,
        plan: Plan,
        started: RunStarted,
        *,
        answer: Answer,
        then: Then = lambda start: None,
        roots: Mapping[str, Mapping[str, Json]],
        journal: list[Event],
    ) -> Simulation:
        """A run of the plan in which `answer` stands for the world and `then` for clock and chance; its events are put into the
        journal as they come.

        `roots` are `run` and `flow` as expressions see them. Raises RehearsalTooLong, and what `answer` raises.
        """

        def keep(event: Event) -> Event:
            self._left()
            journal.append(event)
            return event

        def perform(start: StartAttempt, config: Json, now: Instant) -> Outcome | None:
            clock, seed = then(start) or (now, 0)
            return self._perform(start, config, clock, seed)

        simulator = Simulator(
            plan=plan,
            now=started.at,
            resolve=self._resolve,
            perform=perform,
            answer=answer,
            then=then,
            journal_through=keep,
            run=roots["run"],
            flow=roots["flow"],
        )
        return simulator.go(started)

    def evaluated(self, config: Compiled, roots: Mapping[str, Json], clock: Instant) -> Json:
        """A config's value on these roots. Raises ExprError, SandboxMissing, SandboxCrashed, RehearsalTooLong."""
        return self._resolve(config, roots, clock, 0)

    def _play(self, document: Document, index: int, case: Case, journal: list[Event]) -> PlayedCase:
        began = time.monotonic()
        wrong = self._wrong(document, case, journal)
        return PlayedCase(index=index, name=case.name, wrong=wrong, seconds=time.monotonic() - began)

    def _wrong(self, document: Document, case: Case, journal: list[Event]) -> Sequence[str]:
        """What isn't as the case expects; the events of its run are put into the journal."""

        def keep(event: Event) -> Event:
            self._left()
            journal.append(event)
            return event

        try:
            return play_case(
                document,
                case,
                catalogue(),
                resolve=self._resolve,
                perform=self._perform,
                journal_through=keep,
            )
        except RehearsalTooLong:
            raise
        except MulgilError as error:
            return [phrase(error.template, **error.fields)]

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise RehearsalTooLong(seconds=self._seconds)
        return left

    def _await(self, work: Coroutine[Any, Any, T]) -> T:
        # Time that ran out here is told at the next event, which every step ends with.
        return self._runner.run(asyncio.wait_for(work, max(self._deadline - time.monotonic(), 0.001)))

    def _resolve(self, config: Compiled, roots: Mapping[str, Json], clock: Instant, seed: int) -> Json:
        try:
            return self._await(config.resolve_with(roots, self._sandbox, clock=clock, seed=seed))
        except TimeoutError:
            raise RehearsalTooLong(seconds=self._seconds) from None

    def _perform(self, start: StartAttempt, config: Json, now: Instant, seed: int = 0) -> Outcome | None:
        node_type: Any = start.node.type
        if not isinstance(node_type, NodeType):
            return None
        context = RehearsedStep(start.step, start.attempt, now, seed, self._sandbox)
        try:
            result = self._await(node_type.perform(node_type.validate(config), Step(context)))
        except TimeoutError:
            raise RehearsalTooLong(seconds=self._seconds) from None
        except MulgilError as error:
            return failure_of(error)
        outcome, payload = outcome_of(result)
        if isinstance(outcome, Succeeded) and payload is not None:
            # Nothing stands beside the journal of a rehearsal, so what is large stands in it.
            return replace(outcome, output=safejson.loads(payload.data))
        return outcome


def failed_tests(document: Document, seconds: float = SECONDS) -> list[Problem]:
    """Play the document's tests; a problem for each that fails, and one alone when time runs out."""
    if not document.tests:
        return []
    try:
        with Stage(seconds) as stage:
            played = stage.play(document)
    except RehearsalTooLong:
        return [problem("tests_too_long", path="/tests", seconds=round(seconds))]
    return [
        problem("test_failed", path=pointer("tests", one.index), name=one.name, reason=_together(one.wrong))
        for one in played
        if one.wrong
    ]


def _together(sentences: Sequence[str]) -> str:
    """The sentences as one, each of which can still be said in another language."""
    *before, last = sentences[:MOST_TOLD]
    for one in reversed(before):
        last = phrase("{one}; {more}", one=one, more=last)
    return last
