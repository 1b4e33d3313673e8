"""Items that a run didn't run but took over from another, as people see them.

It reads them from the event that lists a step's items, and refuses to know how they came about.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import orjson

from flows.dsl.instants import Instant
from flows.engine.ranges import places
from flows.journal.rows import Row
from flows.journal.steps_seen import StepSeen, outside
from flows.security.safejson import Json


@dataclass(frozen=True, slots=True)
class TakenOver:
    """The places that were taken over, those of them that had failed, and the list of outputs, `beside` the journal
    where it is a reference."""

    at: Instant
    kept: frozenset[int]
    left: frozenset[int]
    outputs: Json
    beside: bool

    def step(self, key: str, place: int, outputs: Json) -> StepSeen:
        """One of them as a step, with its output among `outputs`."""
        output = outputs[place] if isinstance(outputs, list) else None
        seen = StepSeen(key, "failed" if place in self.left else "succeeded", given=True)
        seen.started_at = seen.finished_at = self.at
        if place not in self.left:
            seen.port, seen.output = "out", output
        elif isinstance(output, dict) and isinstance(error := output.get("error"), dict):
            seen.error = outside({**error, "klass": error.get("class", "permanent")}, seen)
        return seen


def taken_over(rows: Iterable[Row]) -> TakenOver | None:
    """What the last list among a step's events says of it; None where every item is run."""
    listed = [row for row in rows if row.kind == "items_listed"]
    values = orjson.loads(listed[-1].data) if listed else {}
    if not values.get("kept"):
        return None
    kept, left = places(values["kept"]), places(values.get("left", ()))
    return TakenOver(listed[-1].at, kept, left, values.get("outputs"), "outputs" in values.get("refs", ()))
