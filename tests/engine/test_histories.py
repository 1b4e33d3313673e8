"""Golden histories: finished runs as the journal keeps them, refolded at every commit.

They are only ever added to: a run that was journaled once must fold to the same state for ever.
`python -m tests.engine.test_histories` writes those that aren't there yet.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from flows.dsl.document import Document
from flows.engine.compile import compile_plan
from flows.engine.events import (
    BreakpointsSet,
    CancelRequested,
    Event,
    RunPaused,
    RunResumed,
    SignalReceived,
    StepLetGo,
)
from flows.engine.machine import Machine
from flows.engine.simulate import simulate
from flows.journal.codec import decode, encode
from tests.engine.catalogue import CATALOGUE
from tests.engine.drafting import fails, flow
from tests.engine.expectations import VECTORS

HISTORIES = Path(__file__).parent / "histories"


def state_of(machine: Machine) -> dict[str, Any]:
    """What a history must come to."""
    steps = {step.key: [step.status, step.attempt, step.port, step.output] for step in machine.steps()}
    code = machine.error.code if machine.error is not None else None
    return {"status": machine.status, "output": machine.output, "error": code, "steps": steps}


def recorded() -> list[Path]:
    return sorted(HISTORIES.glob("*.json"))


@pytest.mark.parametrize("path", recorded(), ids=lambda path: path.stem)
def test_a_journaled_run_folds_to_the_same_state_for_ever(path: Path) -> None:
    history = json.loads(path.read_text())
    machine = Machine(compile_plan(Document.model_validate(history["document"]), CATALOGUE))
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


def write(name: str, document: dict[str, Any], **more: Any) -> None:
    path = HISTORIES / f"{name.replace(' ', '-').replace(',', '')}.json"
    if path.exists():
        return
    played = simulate(Document.model_validate(document), CATALOGUE, **more)
    rows = [encode(event, seq) for seq, event in enumerate(played.journal, 1)]
    history = {
        "document": document,
        "events": [[row.kind, row.step, row.at, row.data] for row in rows],
        "state": state_of(played.machine),
    }
    path.write_text(json.dumps(history, indent=1, ensure_ascii=False) + "\n")


def write_capabilities() -> None:
    """One history for each capability the vectors don't reach."""
    loop = {"type": "flow.for_each", "config": {"items": [1, 2, 3]}}
    once = {"initial": "1s", "max_attempts": 2, "jitter": 0}
    trouble = {"l[1]/q": [fails("recoverable"), {"output": 1}]}
    saga = {"on_failure": "compensate"}
    write("a retried loop", plain(flow("start > l", "p@l > q@l", l={**loop, "retry": once})), mocks=trouble)
    undone = flow("start > l > z", "p@l", "p.compensate > u@l", l=loop, settings=saga)
    write("undone iterations", plain(undone), mocks={"z": [fails()]})
    turns = {"type": "flow.while", "config": {"condition": "{{ index < 2 }}"}}
    write("turns", plain(flow("start > w", "p@w", w=turns)))
    write("caught", plain(flow("start > t", "t.caught > c", "p@t", t={"type": "flow.try"})), mocks={"t/p": [fails()]})
    waits = {"type": "flow.signal", "config": {"name": "go", "timeout": "1h"}}
    came = [SignalReceived(at=5, name="go", payload={"x": 1}, key="k")]
    write("a signal", plain(flow("start > s", s=waits)), happenings=came)
    write("a signal too late", plain(flow("start > s", "s.timeout > z", s=waits)))
    slow = {"a": [{"after": "60s"}]}
    write("a cancel", plain(flow("start > a > b")), mocks=slow, happenings=[CancelRequested(at=5, reason="enough")])
    pause = [RunPaused(at=1, by="owner"), RunResumed(at=9, by="owner")]
    write("a pause", plain(flow("start > a > b")), mocks={"a": [{"after": "1s"}]}, happenings=pause)
    write("a take-over", plain(flow("start > a > b")), crash_after=(2, 6))
    looks = [BreakpointsSet(at=0, points={"b": "{{ nodes.a == 1 }}", "c": "", "d": "{{ nodes.a == 2 }}"}, by="editor")]
    goes = [
        StepLetGo(at=5_000, step="b", verdict="continue", edited=True, input={"x": 1}, by="editor"),
        StepLetGo(at=9_000, step="c", verdict="over", output=7, by="editor"),
    ]
    wait = {"a": [{"after": "1ms", "output": 1}]}
    write("breakpoints", plain(flow("start > a > b > c > d")), mocks=wait, happenings=[*looks, *goes])
    write("a disabled node", plain(flow("start > a > b", a={"disabled": True})))


def plain(document: Document) -> dict[str, Any]:
    return document.model_dump(mode="json", by_alias=True, exclude_defaults=True)


if __name__ == "__main__":
    HISTORIES.mkdir(exist_ok=True)
    for known in VECTORS:
        write(known["name"], known["document"], input=known["input"], mocks=known["mocks"])
    write_capabilities()
