"""Tests of a flow, as its document holds them: an input, mocks, and what must come out.

`expect` is written as in the conformance vectors. Its words: `run` (the run's state), `steps` (state by key),
`order` (pairs: the first ended before the second began), `overlap` (pairs that ran at one instant), `absent`
(keys that never exist), `count` (completions by key), `attempts`, `finished_at` ("3s" or "<3s" by key, `run` for
the run), `output_of` (by key), `output`, `error_code`, `error_message`, `alerts`.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from flows.dsl.catalogue import Catalogue
from flows.dsl.document import Case, Document
from flows.dsl.durations import parse_duration
from flows.dsl.instants import Instant
from flows.engine.events import ErrorInfo, Event, StepCancelled, StepFailed, StepSkipped, StepStarted, StepSucceeded
from flows.engine.ledger import Entry, Ledger, read_ledger
from flows.engine.simulate import Perform, Resolve, closed_forms, simulate
from flows.errors import Phrase, phrase
from flows.security.safejson import Json

LONGEST: Final = 300
"""Characters of a value that a sentence tells."""


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


SENTENCES: Final[Mapping[str, str]] = {
    "step": _("{step} is {found}, not {wanted}"),
    "completions": _("completions of {step} is {found}, not {wanted}"),
    "attempt": _("attempt of {step} is {found}, not {wanted}"),
    "output": _("output of {step} is {found}, not {wanted}"),
    "run": _("the run is {found}, not {wanted}"),
    "run_output": _("the output is {found}, not {wanted}"),
    "error_code": _("the error's code is {found}, not {wanted}"),
    "error_message": _("the error is {found}, not {wanted}"),
    "alerts": _("the number of alerts is {found}, not {wanted}"),
    "order": _("{first} didn't end before {second} began"),
    "overlap": _("{first} and {second} never ran at one instant"),
    "finished_at": _("{step} finished at {at} microseconds, not {when}"),
    "no_expectation": _("'{word}' is no expectation; there are {known}"),
    "badly_written": _("the expectation '{word}' isn't written as it must be: {error}"),
}
"""What isn't as a case expects, by the check that found it."""

_ENDS: Final = (StepSucceeded, StepFailed, StepSkipped, StepCancelled)
_ABSENT: Final = Entry(status="absent")


@dataclass(slots=True, kw_only=True)
class Played:
    """A run as a driver played it; `finished_at` in microseconds from its start."""

    journal: Sequence[Event]
    status: str
    output: Json
    error: ErrorInfo | None
    alerts: int
    finished_at: Instant | None
    ledger: Ledger = field(init=False)

    def __post_init__(self) -> None:
        self.ledger = read_ledger(self.journal)

    def entry(self, key: str) -> Entry:
        return self.ledger.steps.get(key, _ABSENT)

    def started(self, key: str) -> int | None:
        """The place in the journal where the step first began."""
        return self._place(key, (StepStarted,))

    def ended(self, key: str) -> int | None:
        return self._place(key, _ENDS)

    def _place(self, key: str, kinds: tuple[type[Event], ...]) -> int | None:
        places = (at for at, event in enumerate(self.journal) if isinstance(event, kinds) and event.step == key)
        return next(places, None)


def play_case(
    document: Document,
    case: Case,
    catalogue: Catalogue,
    *,
    resolve: Resolve = closed_forms,
    perform: Perform | None = None,
    journal_through: Callable[[Event], Event] = lambda event: event,
) -> list[str]:
    """Run a case in memory; what isn't as it expects, a sentence each. Raises NotRunnable, BadMock.

    Every event passes through `journal_through`, which may raise to end it.
    """
    simulation = simulate(
        document,
        catalogue,
        input=case.input,
        mocks=case.mocks,
        trigger=case.trigger,
        resolve=resolve,
        perform=perform,
        journal_through=journal_through,
    )
    played = Played(
        journal=simulation.journal,
        status=simulation.status,
        output=simulation.output_json,
        error=simulation.error,
        alerts=simulation.alerts,
        finished_at=simulation.finished_at,
    )
    return disappointments(case.expect, played)


def disappointments(expect: Mapping[str, Any], played: Played) -> list[str]:
    """Everything that isn't as expected, a sentence each."""
    found: list[str] = []
    for word, wanted in expect.items():
        check = _CHECKS.get(word)
        if check is None:
            found.append(_sentence("no_expectation", word=word, known=", ".join(_CHECKS)))
            continue
        try:
            found += check(wanted, played)
        except (TypeError, ValueError, AttributeError) as error:
            found.append(_sentence("badly_written", word=word, error=error))
    return found


def _differs(what: str, found: object, wanted: object, **fields: str) -> Iterator[str]:
    if found != wanted:
        yield _sentence(what, found=_told(found), wanted=_told(wanted), **fields)


def _sentence(what: str, **fields: object) -> Phrase:
    return phrase(SENTENCES[what], **fields)


def _told(value: object) -> str:
    """A value as people write it: a text as it is, all else as JSON, cut where it is long."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _steps(wanted: Mapping[str, str], played: Played) -> Iterator[str]:
    for key, status in wanted.items():
        yield from _differs("step", played.entry(key).status, status, step=key)


def _order(wanted: Sequence[Sequence[str]], played: Played) -> Iterator[str]:
    for first, second in wanted:
        ended, began = played.ended(first), played.started(second)
        if ended is None or began is None or ended > began:
            yield _sentence("order", first=first, second=second)


def _overlap(wanted: Sequence[Sequence[str]], played: Played) -> Iterator[str]:
    for first, second in wanted:
        began = [place for key in (first, second) if (place := played.started(key)) is not None]
        ended = [place for key in (first, second) if (place := played.ended(key)) is not None]
        if len(began) < 2 or (ended and min(ended) < max(began)):
            yield _sentence("overlap", first=first, second=second)


def _absent(wanted: Sequence[str], played: Played) -> Iterator[str]:
    for key in wanted:
        yield from _differs("step", played.entry(key).status, "absent", step=key)


def _finished(wanted: Mapping[str, str], played: Played) -> Iterator[str]:
    for key, when in wanted.items():
        at = played.finished_at if key == "run" else played.entry(key).finished_at
        limit = parse_duration(when.removeprefix("<"))
        if at is None or not (at < limit if when.startswith("<") else at == limit):
            yield _sentence("finished_at", step=key, at=at, when=when)


def _of_each(what: str) -> Callable[[Mapping[str, Any], Played], Iterator[str]]:
    def check(wanted: Mapping[str, Any], played: Played) -> Iterator[str]:
        for key, value in wanted.items():
            yield from _differs(what, getattr(played.entry(key), what), value, step=key)

    return check


_CHECKS: Final[Mapping[str, Callable[[Any, Played], Iterator[str]]]] = {
    "run": lambda wanted, played: _differs("run", played.status, wanted),
    "steps": _steps,
    "order": _order,
    "overlap": _overlap,
    "absent": _absent,
    "count": _of_each("completions"),
    "attempts": _of_each("attempt"),
    "output_of": _of_each("output"),
    "finished_at": _finished,
    "output": lambda wanted, played: _differs("run_output", played.output, wanted),
    "error_code": lambda wanted, played: _differs("error_code", played.error and played.error.code, wanted),
    "error_message": lambda wanted, played: _differs("error_message", played.error and played.error.message, wanted),
    "alerts": lambda wanted, played: _differs("alerts", played.alerts, wanted),
}
