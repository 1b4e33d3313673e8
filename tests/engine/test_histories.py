"""Golden histories: finished runs as the journal keeps them, refolded at every commit.

They are only ever added to: a run that was journaled once must fold to the same state for ever.
`python -m tests.engine.golden` writes those that aren't there yet.
"""

import json
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest

from flows.dsl.document import Document
from flows.engine.compile import compile_plan
from flows.engine.events import EVENT_TYPES, KIND_OF, Event
from flows.engine.machine import Machine
from flows.engine.plan import Plan
from flows.engine.simulate import simulate
from flows.journal.codec import decode, encode
from flows.nodes.installed import catalogue
from tests.engine.catalogue import CATALOGUE
from tests.engine.expectations import VECTORS
from tests.engine.golden import HISTORIES, state_of


def recorded() -> list[Path]:
    return sorted(HISTORIES.glob("*.json"))


def plan_of(document: dict[str, Any]) -> Plan:
    return compile_plan(Document.model_validate(document), CATALOGUE)


def plans_of(history: dict[str, Any]) -> dict[str, Plan]:
    """Of the versions that the run was moved to."""
    return {name: plan_of(document) for name, document in history.get("versions", {}).items()}


@pytest.mark.parametrize("path", recorded(), ids=lambda path: path.stem)
def test_a_journaled_run_folds_to_the_same_state_for_ever(path: Path) -> None:
    history = json.loads(path.read_text())
    machine = Machine(plan_of(history["document"]), plans=plans_of(history))
    for kind, step, at, data in history["events"]:
        machine.apply(decode(kind, step, at, data))
    assert state_of(machine) == history["state"]
    assert machine.decide(history["events"][-1][2]) == []


@pytest.mark.parametrize("path", recorded(), ids=lambda path: path.stem)
def test_what_is_decoded_is_encoded_again_to_the_same_bytes(path: Path) -> None:
    for seq, (kind, step, at, data) in enumerate(json.loads(path.read_text())["events"], 1):
        assert json.loads(encode(decode(kind, step, at, data), seq).data) == json.loads(data)


def there_and_back(event: Event) -> Event:
    row = encode(event, 1)
    return decode(row.kind, row.step, row.at, row.data)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_an_event_that_went_through_the_journal_is_the_event(vector: dict[str, Any]) -> None:
    played = simulate(
        Document.model_validate(vector["document"]), CATALOGUE, input=vector["input"], mocks=vector["mocks"]
    )
    assert [there_and_back(event) for event in played.journal] == list(played.journal)


# --- what has a history -----------------------------------------------------------------------------------


@cache
def written() -> tuple[frozenset[str], dict[str, list[Event]]]:
    """The node types of all histories, and their events by kind."""
    types: set[str] = set()
    events: dict[str, list[Event]] = {}
    for path in recorded():
        history = json.loads(path.read_text())
        types |= {node["type"] for node in history["document"]["nodes"]}
        for kind, step, at, data in history["events"]:
            events.setdefault(kind, []).append(decode(kind, step, at, data))
    return frozenset(types), events


def choices() -> list[tuple[type[Event], str, Any]]:
    """Every value that a field of an event may have where there are only some: what folding may turn on."""
    found = []
    for event in EVENT_TYPES:
        hints = get_type_hints(event)
        for field in fields(event):
            hint = hints[field.name]
            for part in (hint, *get_args(hint)):
                if get_origin(part) is Literal:
                    found += [(event, field.name, value) for value in get_args(part)]
            if hint is bool:
                found += [(event, field.name, value) for value in (True, False)]
    return found


@pytest.mark.parametrize("event", EVENT_TYPES, ids=KIND_OF.get)
def test_every_kind_of_event_has_a_golden_history(event: type[Event]) -> None:
    assert KIND_OF[event] in written()[1], "add one to tests/engine/golden.py"


@pytest.mark.parametrize(("event", "name", "value"), choices(), ids=str)
def test_whatever_an_event_may_choose_has_a_golden_history(event: type[Event], name: str, value: Any) -> None:
    assert any(getattr(one, name) == value for one in written()[1][KIND_OF[event]]), "add one to tests/engine/golden.py"


@pytest.mark.parametrize("name", sorted(name for name in catalogue().names() if name.startswith("flow.")))
def test_every_control_node_has_a_golden_history(name: str) -> None:
    assert name in written()[0], "add one to tests/engine/golden.py"


# Capability -> the histories that hold it: what the engine promises, by what would show that it stopped.
CAPABILITIES: dict[str, tuple[str, ...]] = {
    "each": ("each", "each-collects", "each-stops", "each-of-nothing", "retry-inside-each"),
    "for_each, tolerated share": ("container", "a-tolerated-share", "beyond-the-tolerated-share"),
    "only what failed is retried": ("a-retried-loop",),
    "while": ("turns", "turns-see-the-one-before", "a-while-without-an-end", "no-turn-at-all", "a-failing-turn"),
    "try": ("caught", "a-class-that-is-not-caught", "a-try-in-every-turn", "tried-again-before-it-is-caught"),
    "sagas": ("compensation-in-reverse", "a-failing-compensation", "undone-iterations", "a-cancel-that-undoes"),
    "work in several goes": ("a-step-in-two-goes",),
    "signals": (
        "a-signal",
        "a-signal-too-late",
        "an-early-signal-is-kept",
        "two-signals-for-two-steps",
        "a-signal-at-the-instant-of-its-timeout",
        "a-signal-behind-its-timeout",
    ),
    "approvals": (
        "an-approval-that-is-approved",
        "an-approval-decided-after-its-escalation",
        "an-approval-nobody-decides",
        "an-approval-whose-default-approves",
        "an-approval-whose-default-rejects",
        "an-approval-that-is-cancelled",
    ),
    "moves to another version": (
        "moved-while-it-waits",
        "moved-while-it-is-paused",
        "moved-in-the-midst-of-a-loop",
        "moved-and-then-undone",
    ),
    "sub-flows": ("a-call-that-succeeds", "a-call-that-fails", "a-call-that-is-cancelled", "a-call-nobody-waits-for"),
    "cancel, pause, resume": ("a-cancel", "a-pause", "a-signal-while-the-run-is-paused"),
    "rerun": ("a-rerun-with-steps-taken-over", "a-rerun-of-one-failed-item"),
    "uncertain steps": (
        "once-and-a-timeout",
        "an-uncertain-step-that-succeeded",
        "an-uncertain-step-that-failed",
        "an-uncertain-step-tried-again",
    ),
    "breakpoints": ("breakpoints", "a-breakpoint-without-a-value"),
    "locks": ("a-lock-and-its-line", "a-lock-that-was-not-free-in-time"),
    "breakers": ("put-off-by-a-breaker",),
    "poison": ("a-poisoned-step",),
    "limits": ("a-run-over-its-limit", "run-timeout", "step-timeout", "max-parallel"),
    "take-over": ("a-take-over", "an-attempt-given-back"),
    "corruption": ("corruption-pauses-the-run",),
    "payloads": ("a-large-signal-beside-the-journal",),
}


@pytest.mark.parametrize("capability", CAPABILITIES)
def test_every_capability_has_its_golden_histories(capability: str) -> None:
    assert set(CAPABILITIES[capability]) <= {path.stem for path in recorded()}
