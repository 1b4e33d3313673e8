"""Events to text and back: the text is the truth, and it is read for ever."""

import dataclasses
from typing import Any

import pytest

from flows.engine.events import (
    EVENT_TYPES,
    CancelRequested,
    ErrorInfo,
    GivenStep,
    ItemsListed,
    PayloadRef,
    RunFailed,
    RunMoved,
    RunStarted,
    RunSucceeded,
    StepFailed,
    StepStarted,
    StepSucceeded,
    Stop,
)
from flows.journal.codec import decode, encode, seen_of
from flows.journal.errors import UnknownKind, Unwritable

ERROR = ErrorInfo(code="no_stock", message='a "quoted"\nline', klass="recoverable", hint="wait", details={"left": 0})
REF = PayloadRef("ab" * 32, 40_000)

EVENTS = [
    RunStarted(at=5, input={"x": 1e22, "y": -0.0, "z": None}, trigger="start"),
    RunStarted(at=0, input=REF, trigger=None, given=(GivenStep(step="a", output=REF), GivenStep(step="b", port=None))),
    StepStarted(at=1, step="each[3]/charge", attempt=1, seed=2**63 - 1),
    StepSucceeded(at=2, step="a", output=None),
    StepSucceeded(at=2, step="a", port="true", output={"port": "true"}),
    StepSucceeded(at=2, step="a", output=REF),
    StepSucceeded(at=2, step="s", output=1, stop=Stop(outcome="error", message="enough")),
    StepFailed(at=3, step="a", error=ERROR),
    ItemsListed(at=4, step="a", count=2, items=[1, 2], concurrency=3, on_error="collect"),
    CancelRequested(at=6, reason="달라졌다", by="min", compensate=True),
    RunMoved(at=6, version=3, document_hash="ab", was_version=2, was_hash="cd", by="min", reason="고쳤다"),
    RunFailed(at=7, error=ERROR, origin="a", node="a"),
    RunSucceeded(at=8, output={"b": 1, "a": [True, False]}),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_comes_back_as_it_was(event: Any) -> None:
    row = encode(event, 9)
    assert row.seq == 9
    assert decode(row.kind, row.step, row.at, row.data) == event


def test_keys_keep_their_order_and_numbers_their_form() -> None:
    assert encode(EVENTS[0], 1).data == '{"input":{"x":1e+22,"y":-0.0,"z":null},"trigger":"start"}'


def test_what_equals_its_default_is_left_out() -> None:
    assert encode(StepSucceeded(at=0, step="a"), 1).data == "{}"


def test_the_defaults_are_part_of_the_format() -> None:
    """They stand in no text, so changing one would change every journal: that needs an upgrade instead."""
    found = {
        f"{event.__name__}.{field.name}": field.default
        for event in EVENT_TYPES
        for field in dataclasses.fields(event)
        if field.default is not dataclasses.MISSING and field.default not in (None, "", (), False)
    }
    assert found == {
        "StepSucceeded.port": "out",
        "StepResolved.port": "out",
        "StepLetGo.port": "out",
        "StepRetrying.counts": True,
        "ItemsListed.concurrency": 1,
        "ItemsListed.on_error": "stop",
        "ItemsListed.tolerate": 1.0,
    }


def test_a_value_that_looks_like_a_reference_is_a_value() -> None:
    event = StepSucceeded(at=0, step="a", output={"$payload": "x", "size": 1})
    row = encode(event, 1)
    assert decode(row.kind, row.step, row.at, row.data) == event


def test_what_people_look_at_is_never_folded() -> None:
    event = StepSucceeded(at=0, step="a", output=1)
    row = encode(event, 1, {"input": {"url": "x"}, "logs": []})
    assert decode(row.kind, row.step, row.at, row.data) == event
    assert seen_of(row.data) == {"input": {"url": "x"}, "logs": []}
    assert seen_of(encode(event, 1).data) == {}


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(UnknownKind, match="step_teleported"):
        decode("step_teleported", "a", 0, "{}")


def test_half_a_surrogate_pair_is_refused_before_it_is_queued() -> None:
    with pytest.raises(Unwritable):
        encode(CancelRequested(at=0, reason="\ud800"), 1)
