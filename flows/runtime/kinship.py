"""What must hold between a run and the runs its steps called: who waits for whom, who was told, and what came of it.

Who reads the rows, and from where, is none of its business: `fsck` reads PostgreSQL, the simulation its tables in memory.
"""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from hashlib import md5
from typing import Final, Literal

from flows.engine.events import Event, StepFailed, StepRetrying, StepSucceeded, StepWaiting, Value
from flows.runtime.facts import column
from flows.runtime.family import CHILD

ENDED: Final = frozenset({"succeeded", "failed", "cancelled"})
TIMEOUT: Final = "timeout"

How = Literal["answered", "refused", "left"]
"""A wait ended by the output of the called run, by its failure, or without it."""
Found = Iterator[tuple[str, str]]


def digest(output: str) -> str:
    """What stands for the output column of a run; as PostgreSQL's own."""
    return md5(output.encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """The row of a called run. `is_recalled`: a cancel was sent to it, read or not."""

    step: str
    status: str
    output: str | None
    """The digest of its output."""
    awaited: bool
    is_recalled: bool


@dataclass(slots=True)
class Calls:
    """What one run's journal says of the runs its steps called, by their ids."""

    waits: dict[str, str] = field(default_factory=dict)
    """Steps that wait now, and for which run."""
    over: list[tuple[str, str, How, str]] = field(default_factory=list)
    """Waits that ended: step, run, how, and the digest of the output."""
    named: dict[str, str] = field(default_factory=dict)
    """Runs that were called, awaited or not, and the step that did."""

    def take(self, event: Event) -> None:
        step = event.step or ""
        if isinstance(event, StepWaiting):
            if event.on == CHILD:
                self.waits[step] = event.ref
                self.named[event.ref] = step
            return
        awaited = self.waits.pop(step, None)
        if awaited is not None:
            self.over.append((step, awaited, *_end_of(event, awaited)))
        elif isinstance(event, StepSucceeded) and (called := _called_by(event.output)) is not None:
            self.named.setdefault(called, step)  # the containers around it may have the same output


def _end_of(event: Event, awaited: str) -> tuple[How, str]:
    if isinstance(event, StepSucceeded) and event.port != TIMEOUT:
        return "answered", digest(column(event.output))
    if isinstance(event, StepFailed | StepRetrying):
        details = event.error.details
        if isinstance(details, dict) and details.get("run") == awaited:
            return "refused", ""
    return "left", ""


def _called_by(output: Value) -> str | None:
    """The run that a step called without waiting for it, if that is what its output says."""
    if isinstance(output, dict) and output.keys() == {"run"} and isinstance(output["run"], str):
        return output["run"]
    return None


def kin_holds(calls: Calls, children: Mapping[str, Child], told: AbstractSet[str], *, has_ended: bool) -> Found:
    """Step and sentence of whatever doesn't. `told`: the runs whose end stands in a letter that nobody has read yet.

    A called run that is not there may have been purged; not while someone waits for it.
    """
    for step, run in calls.waits.items():
        yield from ((step, sentence) for sentence in _of_wait(run, children.get(run), told))
        if has_ended:
            yield step, f"its run has ended, and it still waits for the run {run}"
    for step, run, how, output in calls.over:
        child = children.get(run)
        if child is not None:
            yield from ((step, sentence) for sentence in _of_end(run, child, how, output))
    for run, child in children.items():
        if calls.named.get(run) != child.step:
            yield child.step, f"the run {run} was called by it, and the journal knows nothing of that"


def _of_wait(run: str, child: Child | None, told: AbstractSet[str]) -> Iterator[str]:
    if child is None and run not in told:
        yield f"it waits for the run {run}, which is not there"
    elif child is not None and child.status in ENDED and run not in told:
        yield f"it waits for the run {run}, which has {child.status}, and no letter tells it"
    elif child is not None and not child.awaited:
        yield f"it waits for the run {run}, which will tell nobody of its end"


def _of_end(run: str, child: Child, how: How, output: str) -> Iterator[str]:
    if how == "answered" and child.status != "succeeded":
        yield f"it has the output of the run {run}, which is {child.status}"
    elif how == "answered" and child.output != output:
        yield f"its output is not that of the run {run}"
    elif how == "refused" and child.status not in ("failed", "cancelled"):
        yield f"it failed by the run {run}, which is {child.status}"
    elif how == "left" and child.status not in ENDED and not child.is_recalled:
        yield f"it waits no longer for the run {run}, which goes on and was never cancelled"
