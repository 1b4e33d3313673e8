"""One attempt: resolve the config, perform the node, say what came of it.

It decides how a node is called (at once where it never waits, on the loop, in a thread, alone in a process)
and refuses to know what follows: outcomes go to the machine. Here, and nowhere else, foreign code may raise
anything.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from pydantic import BaseModel

from flows.dsl.control import ForEachConfig, WhileConfig
from flows.dsl.document import Each
from flows.dsl.effects import Effect
from flows.dsl.instants import Instant, format_instant
from flows.engine.commands import StartAttempt
from flows.engine.outcomes import Condition, Lost, Outcome, Postponed, Succeeded, WaitsFor
from flows.engine.state import Footing
from flows.engine.views import Reads
from flows.expr.compile import Compiled
from flows.journal.rows import ApprovalRow, ChildRow, DeploymentRow, Message, Payload, PlaceRow
from flows.nodes.base import Step
from flows.nodes.results import Answer, Call, Deployed, Publish, Result
from flows.runtime.alone import NOT_BEGUN, AloneRequest, result_from
from flows.runtime.asking import asked_of, waits_for
from flows.runtime.breakers import target_of
from flows.runtime.context import Context
from flows.runtime.errors import NodeTypeMissing
from flows.runtime.family import CHILD
from flows.runtime.foreign import ForeignCode
from flows.runtime.kit import Facts, Kit
from flows.runtime.locks import place_of
from flows.runtime.manner import called_at_once
from flows.runtime.outcomes import deployment_of, failure_of, items_of, outcome_of
from flows.runtime.payloads import NotLoaded
from flows.runtime.publishing import published
from flows.runtime.rates import CODE
from flows.runtime.seen import masked, seen_of_attempt
from flows.runtime.verbs import CallOrder
from flows.runtime.way import way_of
from flows.security.credentials import Credential
from flows.security.safejson import Json

_PURE: Final = Effect.PURE
_UNSEEN: Final = cast("Step", None)
"""What a function gets that never looks at its step."""


@dataclass(slots=True)  # made for each step: frozen it would cost three times as much
class Performed:
    """What came of an attempt; `seen` is for people; `payload` is kept with the outcome's event,
    and `child` and `message` made, `approval` asked and `place` taken with it."""

    outcome: Outcome
    seen: Mapping[str, Json] | None = None
    payload: Payload | None = None
    child: ChildRow | None = None
    approval: ApprovalRow | None = None
    place: PlaceRow | None = None
    message: Message | None = None
    deployment: DeploymentRow | None = None

    @property
    def brings_more(self) -> bool:
        """Whether anything but the payload goes beside its event."""
        return not (
            self.child is None
            and self.approval is None
            and self.place is None
            and self.message is None
            and self.deployment is None
        )


class Attempt:
    """One attempt of one step, from its start to its outcome."""

    __slots__ = (
        "_context", "_resolved", "_swift", "_target", "at", "chance", "clock", "command", "facts", "is_told", "kit", "reads",
        "seed", "timed_out",
    )  # fmt: skip

    def __init__(
        self, kit: Kit, facts: Facts, command: StartAttempt, *, reads: Reads, at: Instant, seed: int,
        footing: Footing | None = None,
    ) -> None:  # fmt: skip
        self.kit = kit
        self.facts = facts
        self.command = command
        self.reads = reads
        self.at = at
        self.seed = seed
        # What it sends rests on these: of an effect, those of its step's first attempt.
        self.clock, self.chance = (footing.at, footing.seed) if footing is not None else (at, seed)
        self.timed_out = False
        self.is_told = False
        self._context: Context | None = None
        self._resolved: Json = None
        self._target: str | None = None

    @property
    def step(self) -> str:
        return self.command.step

    @property
    def commits_first(self) -> bool:
        """Whether its start is committed before it: who goes on after a crash must know of it that it had an effect, or
        that it used the turn that it had waited for."""
        command = self.command
        return (command.effect is not _PURE and command.commits_first) or command.put_off_by == CODE

    def tell(self) -> None:
        """It is to come to its end: the run was cancelled, or nobody waits for it any more."""
        self.is_told = True
        if self._context is not None:
            self._context.tell()

    def swiftly(self) -> Performed | None:
        """Perform it here and now, where nothing of it can wait; None where something might."""
        command = self.command
        if command.purpose == "breakpoint" or command.is_given:
            return None
        node, is_run = command.node, command.purpose == "run"
        compiled = node.items if command.purpose == "items" else node.config
        assert compiled is not None
        with ForeignCode() as code:
            way = way_of(node) if is_run else None
            if not (compiled.is_closed if way is None else way.is_swift):
                return None
            self._resolved = compiled.resolve({} if compiled.is_constant else self._roots(compiled.reads))
            if way is None:
                return self._listed()
            step = self._step(None) if way.looks_at_step else _UNSEEN
            result = called_at_once(way.type, way.config(self._resolved, is_given=False), step)
            return self._answered(result) if not isinstance(result, Call) else None
        return None if isinstance(code.error, NotLoaded | NodeTypeMissing) else self._failed(code.error)

    async def perform(self, *, alone: bool) -> Performed:
        """Perform it. CancelledError passes through: whoever cuts an attempt knows why."""
        with ForeignCode() as code:
            if self.command.purpose == "breakpoint":
                return await self._looked()
            await self._resolve()
            if self.command.purpose != "run":
                return self._listed()
            if (put_off := await self._put_off()) is not None:
                return Performed(put_off)
            credential = await self._credential()
            if credential is not None and (put_off := await self._paced(credential)) is not None:
                return Performed(put_off)
            if self.is_told:  # nothing of it was performed, and nothing will be
                return Performed(Lost(cause="released", begun=False))
            if alone:
                return await self._alone(credential)
            step = self._step(credential)
            return await self._called(await way_of(self.command.node).type.perform(self._config(), step))
        return self._failed(code.error)

    async def _put_off(self) -> Postponed | None:
        """Until when the target is left alone; None where it may be reached for."""
        self._target = target_of(self.command, self._resolved)
        if self._target is None:
            return None
        return await self.kit.breakers.put_off(self.facts.workspace, self._target, self.kit.clock.now())

    async def _paced(self, credential: Credential) -> Postponed | None:
        """Until when the credential's rate makes it wait; who waited comes with a turn reserved."""
        if not credential.is_paced or self.command.put_off_by == CODE:
            return None
        return await self.kit.rates.put_off(self.facts.workspace, credential.name, self.kit.clock.now())

    async def learned(self, outcome: Outcome) -> None:
        """Tell what became of it to whoever watches its target."""
        if self._target is not None and not isinstance(outcome, Postponed):
            await self.kit.breakers.learn(self.facts.workspace, self._target, outcome, self.kit.clock.now())

    async def _resolve(self) -> None:
        node = self.command.node
        if self.command.is_given:
            self._resolved = await self.kit.payloads.assemble(self.command.given)
            return
        compiled = node.items if self.command.purpose == "items" else node.config
        assert compiled is not None
        self._resolved = await self._value(compiled)

    async def _value(self, compiled: Compiled) -> Json:
        while True:
            try:
                roots = self._roots(compiled.reads)
                break
            except NotLoaded as lacking:
                await self.kit.payloads.load(lacking.hashes)
        return await compiled.resolve_with(roots, self.kit.sandbox, clock=self.clock, seed=self.chance)

    async def _looked(self) -> Performed:
        """Whether the run is to stop here; if so, what the step would get is resolved for whoever looks."""
        condition = self.command.breakpoint
        if condition is not None and not await self._value(condition):
            return Performed(Condition(False, 0))
        self._resolved = await self._value(self.command.node.config)
        return Performed(Condition(True, 0), seen_of_attempt(self._resolved, None))

    def _roots(self, reads: frozenset[str]) -> dict[str, Json]:
        """Only what the expressions look at. Raises NotLoaded."""
        return {root: _ROOTS[root](self) for root in reads if root in _ROOTS}

    def _config(self) -> BaseModel:
        return way_of(self.command.node).config(self._resolved, is_given=self.command.is_given)

    async def _credential(self) -> Credential | None:
        name = self.command.node.node.credential
        return await self.kit.credential(self.facts.workspace, name) if name else None

    @property
    def _deadline(self) -> Instant | None:
        timeout = self.command.timeout
        return None if timeout is None else self.kit.clock.now() + timeout

    @property
    def _lock_token(self) -> int | None:
        return self.reads.lock[1] if self.reads.lock is not None else None

    def _step(self, credential: Credential | None) -> Step:
        kit = self.kit
        self._context = Context(
            key=self.step,
            run=self.facts.run,
            attempt=self.command.attempt,
            clock=self.clock,
            began=self.at,
            seed=self.chance,
            deadline=self._deadline,
            input=self.facts.input,
            credential=credential,
            http=kit.http,
            egress=kit.egress,
            sandbox=kit.sandbox,
            own_database=kit.own_database,
            time=kit.clock,
            lock_token=self._lock_token,
            state=self.command.again,
            leaving=self.command.leaves,
        )
        return Step(self._context)

    async def _alone(self, credential: Credential | None) -> Performed:
        self._step(credential)
        assert self._context is not None
        request = AloneRequest(
            type=self.command.node.type.name,
            config=self._resolved,
            run=self.facts.run,
            key=self.step,
            attempt=self.command.attempt,
            clock=self.clock,
            began=self.at,
            seed=self.chance,
            deadline=self._deadline,
            input=self.facts.input,
            credential=credential,
            own_database=self.kit.own_database,
            lock_token=self._lock_token,
            state=self.command.again,
            leaving=self.command.leaves,
        )
        reply = await self.kit.alone(request, self._context.until_cancelled)
        if reply is None:
            return Performed(Lost(cause="vanished", alone=True))
        if reply is NOT_BEGUN:
            return Performed(Lost(cause="released", begun=False))
        self._context.logs = reply.logs
        return await self._called(result_from(reply))

    def _listed(self) -> Performed:
        """The outcome of an attempt that only resolves: a list of items, or a condition."""
        resolved = self._resolved
        if self.command.purpose == "condition":
            turns = WhileConfig.model_validate(resolved)
            return Performed(Condition(bool(turns.condition), turns.max))
        each: Each | ForEachConfig | None = self.command.node.node.each
        if each is None:
            config = self._config()
            assert isinstance(config, ForEachConfig)
            each, resolved = config, list(config.items)
        outcome, payload = items_of(resolved, each)
        return Performed(outcome, None, payload)

    async def _called(self, result: Result) -> Performed:
        """The answer of a node, once the flow it calls, if any, is known to take its call."""
        if not isinstance(result, Call):
            return self._answered(result)
        facts, timeout = self.facts, self.command.timeout
        order = CallOrder(
            workspace=facts.workspace,
            run=facts.run,
            step=self.step,
            flow=result.flow,
            version=result.version,
            input=result.input,
            waits=result.wait,
            depth=facts.depth,
            priority=facts.priority,
            is_test=facts.is_test,
            started_by=facts.started_by,
            environment=facts.environment,
        )
        child = await self.kit.call(order)
        if not result.wait:
            return Performed(Succeeded({"run": str(child.id)}), self._seen(), child=child)
        due = None if timeout is None else self.at + timeout
        return Performed(WaitsFor(CHILD, str(child.id), due), self._seen(), child=child)

    def _answered(self, result: Result) -> Performed:
        if isinstance(result, Publish):
            output, message = published(result, self.facts.run, self.step)
            return Performed(Succeeded(output), self._seen(), message=message)
        if isinstance(result, Deployed):
            performed = self._answered(result.result)
            performed.deployment = deployment_of(self.step, result.told, self._credential_seen)
            return performed
        outcome, payload = outcome_of(result)
        if type(result) is Answer:  # which asks nobody and stands in no line
            return Performed(outcome, self._seen(), payload)
        approval = asked_of(result, self.facts.run, self.step, self.seed)
        if approval is not None:
            outcome = waits_for(approval)
        place = place_of(result, self.step, self.seed)
        return Performed(outcome, self._seen(), payload, approval=approval, place=place)

    def _failed(self, error: Exception | None) -> Performed:
        assert error is not None
        credential, told = self._credential_seen, getattr(error, "deployment", None)
        deployment = None if told is None else deployment_of(self.step, told, credential)
        return Performed(masked(failure_of(error), credential), self._seen(), deployment=deployment)

    @property
    def _credential_seen(self) -> Credential | None:
        """The credential that the node was given, whose secrets may stand in its words."""
        return self._context.credential if self._context is not None else None

    def _seen(self) -> Mapping[str, Json] | None:
        # Where the config holds no expression the document shows it.
        is_shown = self.command.node.config.is_constant and not self.command.is_given
        resolved = None if is_shown else self._resolved
        return seen_of_attempt(resolved, self._context)


def _item(attempt: Attempt) -> Json:
    items = attempt.kit.payloads.assembled(attempt.reads.items)
    index = attempt.reads.index
    return items[index] if isinstance(items, list) and index is not None and index < len(items) else None


def _run(attempt: Attempt) -> Json:
    facts = attempt.facts
    return {
        "id": str(facts.run),
        "number": facts.number,
        "attempt": facts.attempt + attempt.command.attempt - 1,
        "started_at": format_instant(facts.started_at),
    }


def _lock(attempt: Attempt) -> Json:
    lock = attempt.reads.lock
    return None if lock is None else {"name": lock[0], "token": lock[1]}


def _nodes(attempt: Attempt) -> Json:
    payloads = attempt.kit.payloads
    return {name: payloads.assembled(value) for name, value in attempt.reads.nodes.items()}


_ROOTS: Final[dict[str, Callable[[Attempt], Any]]] = {
    "input": lambda attempt: attempt.facts.input,
    "nodes": _nodes,
    "item": _item,
    "index": lambda attempt: attempt.reads.index,
    "last": lambda attempt: attempt.kit.payloads.assembled(attempt.reads.last),
    "lock": _lock,
    "run": _run,
    "flow": lambda attempt: dict(attempt.facts.flow),
    "vars": lambda attempt: dict(attempt.facts.vars),
    "now": lambda attempt: format_instant(attempt.clock),
}


def cut(attempt: Attempt, task: "asyncio.Task[None]") -> None:
    """Nobody waits for the attempt any more. A thread can't be cut: it may look whether it is told."""
    attempt.tell()
    task.cancel()
