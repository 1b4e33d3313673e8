"""A rehearsal: the tests of a document, played in memory without a server or a database.

Expressions and code run as they do in earnest, in the sandbox; pure nodes compute; what has an effect on the
world is never performed and must be mocked.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, Self

from flows.dsl.document import Document
from flows.dsl.instants import Instant
from flows.engine.cases import play_case
from flows.engine.commands import StartAttempt
from flows.engine.outcomes import Outcome
from flows.errors import MulgilError
from flows.expr.compile import Compiled
from flows.expr.sandbox import Sandbox
from flows.nodes.installed import catalogue
from flows.nodes.kinds import NodeType
from flows.nodes.step import LogLevel, Step
from flows.runtime.outcomes import failure_of, outcome_of
from flows.security.safejson import Json


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
    credential: None = None
    own_database: str | None = None

    @property
    def http(self) -> NoReturn:
        raise NotHere(what="network")

    @property
    def egress(self) -> NoReturn:
        raise NotHere(what="network")

    def log(self, level: LogLevel, message: str, fields: Mapping[str, Json]) -> None:
        """Nobody reads the logs of a rehearsal."""

    def progress(self, done: int, total: int | None) -> None:
        """Nobody watches a rehearsal."""


class Stage:
    """One loop and one sandbox for all cases; `with Stage() as stage`."""

    def __enter__(self) -> Self:
        self._runner = asyncio.Runner()
        self._sandbox = Sandbox()
        self._runner.run(self._sandbox.__aenter__())
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._sandbox.__aexit__(None, None, None))
        self._runner.close()

    def play(self, document: Document) -> dict[str, list[str]]:
        """The document's tests by name, each with what isn't as it expects. Raises NotRunnable, BadMock, Endless."""
        return {
            case.name: play_case(document, case, catalogue(), resolve=self._resolve, perform=self._perform)
            for case in document.tests
        }

    def _resolve(self, config: Compiled, roots: Mapping[str, Json], clock: Instant, seed: int) -> Json:
        return self._runner.run(config.resolve_with(roots, self._sandbox, clock=clock, seed=seed))

    def _perform(self, start: StartAttempt, config: Json, now: Instant) -> Outcome | None:
        node_type: Any = start.node.type
        if not isinstance(node_type, NodeType):
            return None
        context = RehearsedStep(start.step, start.attempt, now, 0, self._sandbox)
        try:
            result = self._runner.run(node_type.perform(node_type.validate(config), Step(context)))
        except MulgilError as error:
            return failure_of(error)
        return outcome_of(result)[0]
