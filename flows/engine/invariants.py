"""What must hold of every journal, checked event by event without asking the machine what it thinks.

One `Examiner` reads one run. It keeps books of its own (which attempts are open, which ports were left by,
what was completed in which order), so that a fault of the machine shows as well as one of the writer. The
machine is folded beside it, for a journal it can't fold is broken whatever the books say. It knows no tables;
what stands beside a journal in the database is compared elsewhere.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from flows.engine.events import (
    AlertRaised,
    AttemptLost,
    CompensationStarted,
    Event,
    ItemsListed,
    LockGranted,
    RunCancelled,
    RunFailed,
    RunMoved,
    RunStarted,
    RunSucceeded,
    StepCancelled,
    StepCompensated,
    StepFailed,
    StepResolved,
    StepRetrying,
    StepSkipped,
    StepStarted,
    StepSucceeded,
    StepUncertain,
    StepWaiting,
    TurnDecided,
)
from flows.engine.failures import CorruptHistory
from flows.engine.machine import Machine
from flows.engine.plan import ALL, NO_PLANS, NodePlan, Plan
from flows.engine.ranges import places

Rule: TypeAlias = Literal[
    "numbering", "fence", "one_result", "inputs_first", "compensation", "after_the_end", "fold",
    "projection", "parked", "outbox", "inbox", "document", "approval", "lock", "calls", "items",
    "payload",
]  # fmt: skip

_ENDS: Final = (RunSucceeded, RunFailed, RunCancelled)
_RESULTS: Final = (StepSucceeded, StepFailed, StepRetrying)
_BY_ERROR: Final[dict[str, str | None]] = {"fail": None, "continue": "out", "route": "error"}


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that doesn't hold, in words; `step` and `seq` say where, if it is at one place."""

    rule: Rule
    sentence: str
    step: str | None = None
    seq: int | None = None


class Examiner:
    """`take` every event with its seq (and the fence it was written under, where that is known), then `finish`.

    `plan`: that of the version the run began with; `plans`: those of the versions it was moved to, by hash.
    """

    def __init__(self, plan: Plan, plans: Mapping[str, Plan] = NO_PLANS) -> None:
        self.machine = Machine(plan, plans=plans)
        self.findings: list[Finding] = []
        self.last: Event | None = None
        self.seq = 0
        self.fence = 0
        self._attempts: dict[str, str] = {}
        self._done: set[str] = set()
        self._is_broken = False
        self._inputs = _Inputs(plan)
        self._undoing = _Undoing(plan)
        self._locks = _Locks()

    def take(self, seq: int, event: Event, fence: int | None = None) -> None:
        if seq != self.seq + 1:
            self._find("numbering", f"seq {seq} follows {self.seq}", event, seq)
        if isinstance(self.last, _ENDS):
            self._find("after_the_end", "something happened after the run's end", event, seq)
        self.seq, self.last = seq, event
        if fence is not None:
            if fence < self.fence:
                self._find("fence", f"written under fence {fence} after fence {self.fence} had begun", event, seq)
            self.fence = max(self.fence, fence)
        books: tuple[tuple[Rule, Iterator[str]], ...] = (
            ("one_result", self._one_result(event)),
            ("inputs_first", self._inputs.take(event)),
            ("compensation", self._undoing.take(event)),
            ("lock", self._locks.take(event)),
        )
        for rule, sentences in books:
            for sentence in sentences:
                self._find(rule, sentence, event, seq)
        self._fold(seq, event)
        if isinstance(event, RunMoved) and not self._is_broken:
            self._inputs.go_by(self.machine.plan)
            self._undoing.go_by(self.machine.plan)

    def _fold(self, seq: int, event: Event) -> None:
        if self._is_broken:
            return
        try:
            self.machine.apply(event)
        except CorruptHistory as error:
            self._is_broken = True
            self._find("fold", f"the machine can't fold it: {error.message}", event, seq)

    @property
    def folds(self) -> bool:
        """Whether the machine has folded all that was taken."""
        return not self._is_broken

    def _one_result(self, event: Event) -> Iterator[str]:
        """Each attempt comes to one result at most, and what has succeeded is not begun again."""
        key = event.step
        if key is None:
            return
        state = self._attempts.get(key)
        if isinstance(event, StepStarted):
            if key in self._done:
                yield f"attempt {event.attempt} began although the step had succeeded"
            self._attempts[key] = "open"
        elif isinstance(event, (AttemptLost, StepUncertain)):
            if state != "open":
                yield "an attempt was given up that wasn't under way"
            self._attempts[key] = "lost" if isinstance(event, AttemptLost) else "open"
        elif isinstance(event, (StepCancelled, StepSkipped)):
            self._attempts[key] = "over"
        elif isinstance(event, _RESULTS) or (isinstance(event, StepResolved) and event.verdict != "retry"):
            if state == "over":
                yield "a second result of one attempt, or one of a step that was over"
            elif state == "lost" and not isinstance(event, StepFailed):
                yield "a result of an attempt that had been given up"
            elif state is None and not isinstance(event, StepFailed):
                yield "a result of a step that never began"
            self._attempts[key] = "over"
            if isinstance(event, StepSucceeded) or (isinstance(event, StepResolved) and event.verdict == "succeeded"):
                self._done.add(key)

    def finish(self) -> list[Finding]:
        """All that was found, once the last event was taken."""
        if isinstance(self.last, _ENDS):
            for sentence in self._undoing.forgotten():
                self._find("compensation", sentence, None, None)
        return self.findings

    def why_parked(self) -> str | None:
        """Why a run that is with nobody may rest, by its journal; None where something is still to be done."""
        machine = self.machine
        if machine.status in ("succeeded", "failed", "cancelled"):
            return "it has ended"
        if machine.status == "paused":
            return "a person paused it"
        if machine.uncertain():
            return "a person must decide about a step"
        if machine.status in ("waiting", "compensating") and any(
            step.wait or step.due is not None for step in machine.state.steps.values()
        ):
            return "a step waits"
        return None

    def _find(self, rule: Rule, sentence: str, event: Event | None, seq: int | None) -> None:
        self.findings.append(Finding(rule, sentence, event.step if event is not None else None, seq))


class _Inputs:
    """No step begins before what leads to it is decided."""

    def __init__(self, plan: Plan) -> None:
        self._ports: dict[str, str | None] = {}
        self._inside: dict[str, int] = {}
        self._granted: set[str] = set()  # insides of locks that were held, whether or not they still are
        self._kept: dict[str, frozenset[int]] = {}
        self.go_by(plan)

    def go_by(self, plan: Plan) -> None:
        """From here on these nodes and edges count."""
        self._plan = plan
        self._undoing = {one.id for node in plan.nodes.values() if node.undo is not None for one in node.undo.nodes}
        self._incoming: dict[str, list[tuple[NodePlan, str]]] = defaultdict(list)
        for node in plan.nodes.values():
            for port, target in node.out:
                self._incoming[target.id].append((node, port))

    def take(self, event: Event) -> Iterator[str]:
        key = event.step or ""
        if isinstance(event, RunStarted):
            self._ports |= {given.step: given.port for given in event.given}
            if event.trigger is not None:
                self._ports[event.trigger] = "out"
        elif isinstance(event, StepStarted):
            yield from self._lacking(key)
            node = self._plan.nodes.get(_node_of(key))
            if node is not None and node.kind == "lock":
                self._inside.pop(f"{key}/", None)  # what is inside begins with the grant
            else:
                self._inside.setdefault(f"{key}/", 1)
        elif isinstance(event, LockGranted):
            self._inside[f"{key}/"] = 1
            self._granted.add(f"{key}/")
        elif isinstance(event, ItemsListed):
            self._inside[key] = event.count
            self._kept[key] = places(event.kept)
        elif isinstance(event, TurnDecided):
            self._inside[key] = event.index + event.begins
        elif not key.endswith("]") and (node := self._plan.nodes.get(_node_of(key))) is not None:
            self._leave(key, node, event)

    def _leave(self, key: str, node: NodePlan, event: Event) -> None:
        if isinstance(event, StepSucceeded):
            self._ports[key] = event.port
        elif isinstance(event, StepSkipped):
            self._ports[key] = "out" if node.disabled else None
        elif isinstance(event, StepFailed) and node.on_error != "fail":
            self._ports[key] = _BY_ERROR[node.on_error]
        elif isinstance(event, StepResolved) and event.verdict != "retry":
            self._ports[key] = event.port if event.verdict == "succeeded" else _BY_ERROR[node.on_error]

    def _lacking(self, key: str) -> Iterator[str]:
        node = self._plan.nodes.get(_node_of(key))
        if node is None:
            yield "it began although the flow has no such node"
            return
        if key.endswith("]"):
            if not self._is_listed(key):
                yield "it began before the list it is an item of"
            elif self._is_kept(key):
                yield "it began although it was taken over from another run"
            return
        prefix = key.removesuffix(node.id)
        around = prefix.removesuffix("/")
        if around.endswith("]") and self._is_kept(around):
            yield "it began in an item that was taken over from another run"
        if around and not (self._is_listed(around) if around.endswith("]") else self._is_open(prefix, node)):
            yield "it began before the container around it"
        leading = self._incoming[node.id]
        decided = sum(prefix + source.id in self._ports for source, _ in leading)
        taken = sum(self._ports.get(prefix + source.id, "") == port for source, port in leading)
        if leading and (taken < (node.need or 1) or (node.need == ALL and decided < len(leading))):
            yield f"it began before its inputs: {decided} of {len(leading)} are decided, {taken} taken"

    def _is_open(self, prefix: str, node: NodePlan) -> bool:
        """What undoes a step runs without the lock it was done under, which may be asked for again by then."""
        return prefix in self._inside or (node.id in self._undoing and prefix in self._granted)

    def _is_listed(self, key: str) -> bool:
        owner, _, index = key.removesuffix("]").rpartition("[")
        return int(index) < self._inside.get(owner, 0)

    def _is_kept(self, key: str) -> bool:
        owner, _, index = key.removesuffix("]").rpartition("[")
        return int(index) in self._kept.get(owner, ())


class _Locks:
    """A lock is granted to who asked for it, and every grant has a greater token than the one before."""

    def __init__(self) -> None:
        self._asked: dict[str, str] = {}
        self._last: dict[str, int] = {}

    def take(self, event: Event) -> Iterator[str]:
        key = event.step or ""
        if isinstance(event, StepWaiting) and event.on == "lock":
            self._asked[key] = event.ref
        elif isinstance(event, LockGranted):
            name = self._asked.pop(key, None)
            if name is None:
                yield "a lock was granted that the step hadn't asked for"
                return
            if event.token <= self._last.get(name, 0):
                yield f"the lock {name} was granted under token {event.token} after {self._last[name]}"
            self._last[name] = event.token


class _Undoing:
    """Undo nodes run in reverse order of completion, each step's once, and none is forgotten."""

    def __init__(self, plan: Plan) -> None:
        self._completed: list[str] = []
        self._left: list[str] | None = None
        self._current: str | None = None
        self._ended: list[str] = []
        self._failed = 0
        self.go_by(plan)

    def go_by(self, plan: Plan) -> None:
        """From here on these undo nodes count."""
        self._owner_of: dict[str, str] = {}
        for node in plan.nodes.values():
            for undo in node.undo.nodes if node.undo is not None else ():
                self._owner_of[undo.id] = node.id
        self._owners = frozenset(self._owner_of.values())

    def take(self, event: Event) -> Iterator[str]:
        key = event.step or ""
        node = _node_of(key)
        if isinstance(event, CompensationStarted):
            if self._left is not None:
                yield "undoing began twice"
            self._left = list(self._completed)
        elif isinstance(event, StepCompensated):
            if key in self._ended:
                yield "it was undone twice"
            self._ended.append(key)
        elif isinstance(event, AlertRaised) and event.reason == "compensation_failed":
            self._failed += 1
        elif isinstance(event, StepStarted) and node in self._owner_of and not key.endswith("]"):
            yield from self._begin(key.removesuffix(node) + self._owner_of[node])
        elif node in self._owners and not key.endswith("]") and _is_success(event) and self._left is None:
            self._completed.append(key)

    def _begin(self, owner: str) -> Iterator[str]:
        if owner == self._current:
            return
        self._current = owner
        if self._left is None:
            yield "an undo began before the run was to be undone"
        elif owner not in self._left:
            yield f"the undo of {owner} began out of its turn: it was not completed, or is undone already"
        else:
            self._left = self._left[: self._left.index(owner)]

    def forgotten(self) -> Iterator[str]:
        """What a run that ended has left undone."""
        if self._left is not None and len(self._ended) + self._failed < len(self._completed):
            missing = [key for key in self._completed if key not in self._ended]
            yield f"the run ended and these were completed and never undone: {', '.join(missing)}"


def _is_success(event: Event) -> bool:
    return isinstance(event, StepSucceeded) or (isinstance(event, StepResolved) and event.verdict == "succeeded")


def _node_of(key: str) -> str:
    return key.rpartition("/")[2].partition("[")[0]
