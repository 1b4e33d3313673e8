"""What the rows of approvals must say, by what the journal says of the questions that were asked.

A question stands open in its row exactly while its step waits for it: then, and only then, do votes and the links of
letters work. It reads; it refuses to know who may decide.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.db import connection

from flows.engine.events import Event, StepEscalated, StepSucceeded, StepWaiting

ROWS: Final = """
SELECT a.run_id, a.id::text, a.step, a.stage, a.decided, a.outcome, a.closed_at IS NULL AS is_open,
  (SELECT count(*) FROM flows_vote v WHERE v.approval_id = a.id) AS votes,
  (SELECT count(*) FROM flows_inbox i WHERE i.run_id = a.run_id AND i.kind = 'approval' AND i.name = a.id::text) AS letters,
  (SELECT count(*) FROM flows_outbox o WHERE o.run_id = a.run_id AND o.topic = 'approval' AND o.key = a.id::text) AS news
FROM flows_approval a WHERE a.run_id = ANY(%s)
"""


@dataclass(slots=True)
class Questions:
    """What one run's journal says of its questions, by their ids."""

    steps: dict[str, str] = field(default_factory=dict)
    stages: Counter[str] = field(default_factory=Counter)
    ends: dict[str, str] = field(default_factory=dict)
    _waiting: dict[str, str] = field(default_factory=dict)

    def take(self, event: Event) -> None:
        step = event.step or ""
        if isinstance(event, StepWaiting) and event.on == "approval":
            self.steps[event.ref] = step
            self._waiting[step] = event.ref
        elif step in self._waiting:
            if isinstance(event, StepEscalated):
                self.stages[self._waiting[step]] += 1
            else:
                asked = self._waiting.pop(step)
                self.ends[asked] = event.port if isinstance(event, StepSucceeded) else "cancelled"


def faults(runs: Sequence[UUID], told: dict[UUID, Questions]) -> Iterator[tuple[UUID, str, str]]:
    """Run, step and sentence of whatever the rows and the journal say differently."""
    found: dict[UUID, dict[str, dict[str, Any]]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(ROWS, [list(runs)])
        names = [column.name for column in cursor.description]
        for values in cursor.fetchall():
            row = dict(zip(names, values, strict=True))
            found[row["run_id"]][row["id"]] = row
    for run in runs:
        questions, rows = told[run], found[run]
        for asked in questions.steps.keys() - rows.keys():
            yield run, questions.steps[asked], "it waits for people, and nobody was asked: the approval has no row"
        for asked, row in rows.items():
            for sentence in _of_row(asked, row, questions):
                yield run, row["step"], sentence


def _of_row(asked: str, row: dict[str, Any], questions: Questions) -> Iterator[str]:
    if asked not in questions.steps:
        yield "people are asked, and the journal knows nothing of it"
        return
    end = questions.ends.get(asked)
    if end is None and not row["is_open"]:
        yield f"its approval was closed ({row['outcome']}), and it still waits"
    elif end is not None and row["is_open"]:
        yield f"it ended ({end}), and its approval is open: votes and the links of letters still work"
    elif end is not None and row["outcome"] != end:
        yield f"its approval says {row['outcome']}, its journal {end}"
    if row["stage"] != questions.stages[asked]:
        yield f"its approval went on {row['stage']} times, in the journal {questions.stages[asked]} times"
    if row["news"] != 1 + row["stage"]:
        yield f"its letters were called for {row['news']} times, for one question that went on {row['stage']} times"
    if bool(row["decided"]) != bool(row["letters"]):
        yield f"its votes came to {row['decided'] or 'nothing'}, and {row['letters']} letters told the run so"
    if row["decided"] and not row["votes"]:
        yield f"it was decided ({row['decided']}) by nobody's vote"
