"""Two runs of one flow, step beside step: where they went apart.

It decides what counts as a difference between steps: state, path, tries, input, output and error; how long each took
is told and not judged. A run that was moved to another version is told with its moves: what it did before them it did by
another document than the one it goes by now. It refuses to know how a difference is shown. Values are compared and not
told: who wants to see them asks for the two steps.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flows.engine.events import RunMoved
from flows.errors import BadInput
from flows.journal import read
from flows.journal.steps_seen import StepSeen
from flows.journal.went_by import moves_of
from flows.models import Run
from flows.operations.actor import Actor
from flows.operations.runs import find_run
from flows.security.safejson import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPair:
    """A step as it stands in each run; None where a run's document has no such step."""

    key: str
    left: StepSeen | None
    right: StepSeen | None
    differs: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPair:
    """`left_moves` and `right_moves`: how each went from version to version; `is_same_document`: both go by one now."""

    left: Run
    right: Run
    left_moves: list[RunMoved]
    right_moves: list[RunMoved]
    is_same_document: bool
    differs: list[str]
    steps: list[StepPair]


def compare_runs(actor: Actor, left: UUID, right: UUID) -> RunPair:
    """Raises NotFound; BadInput for runs of two flows."""
    one, other = find_run(actor, left), find_run(actor, right)
    if one.flow_id != other.flow_id:
        raise BadInput(reason="the runs are of two flows")
    views = read.run_view(left) or {}, read.run_view(right) or {}
    differs = [name for name in ("status", "input", "output", "error") if not _same(name, views[0], views[1])]
    return RunPair(
        left=one,
        right=other,
        left_moves=moves_of(left),
        right_moves=moves_of(right),
        is_same_document=one.document_hash == other.document_hash,
        differs=differs,
        steps=_pairs(_steps(left, views[0]), _steps(right, views[1])),
    )


def _steps(run: UUID, view: Mapping[str, Any]) -> dict[str, StepSeen]:
    """The steps at the top, begun or not, in the order in which they began; the rest follow as the document has them."""
    begun = read.top_steps(run)
    inside = {str(step["key"]) for step in view.get("steps") or ()}
    found = {key: step for key, step in begun.items() if key in inside}
    return found | {str(step["key"]): StepSeen(str(step["key"])) for step in view["steps"] if step["key"] not in found}


def _pairs(left: Mapping[str, StepSeen], right: Mapping[str, StepSeen]) -> list[StepPair]:
    keys = [*left, *(key for key in right if key not in left)]
    pairs = [(key, left.get(key), right.get(key)) for key in keys]
    return [StepPair(key=key, left=one, right=other, differs=_differs(one, other)) for key, one, other in pairs]


def _differs(left: StepSeen | None, right: StepSeen | None) -> list[str]:
    if left is None or right is None:
        return ["there"]
    pairs: dict[str, tuple[Json, Json]] = {
        "status": (left.status, right.status),
        "path": (left.port, right.port),
        # What was never tried in one of them differs in its state, and that is said already.
        "attempts": (left.attempt or right.attempt, right.attempt or left.attempt),
        "input": (_input(left), _input(right)),
        "output": (left.output, right.output),
        "error": (_said(left.error), _said(right.error)),
    }
    return [name for name, (one, other) in pairs.items() if one != other]


def _input(step: StepSeen) -> Json:
    return step.attempts[-1].input if step.attempts else None


def _said(error: Json) -> Json:
    """An error without where it stood."""
    return {name: error.get(name) for name in ("code", "class", "message")} if isinstance(error, dict) else None


def _same(name: str, left: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    if name == "error":
        return _said(left.get(name)) == _said(right.get(name))
    return bool(left.get(name) == right.get(name))
