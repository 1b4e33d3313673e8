import json

import pytest

from flows.engine.events import RunStarted, StepStarted, StepUncertain
from flows.engine.failures import LOST, NotUncertain
from flows.errors import BadInput, Forbidden, NotFound
from flows.journal.codec import encode
from flows.models import Event, Inbox, Run
from flows.operations.starting import start
from flows.operations.steering import RunEnded, SignalNotAwaited, cancel, pause, resolve, signal
from tests.cast import Person, flow, with_nodes

WAITS = with_nodes(
    {"id": "start", "type": "trigger.manual"},
    {"id": "yes", "type": "flow.wait", "config": {"for": "1h"}},
)


def run_of(editor: Person) -> Run:
    return Run.objects.get(pk=start(editor.actor, flow(editor.actor, WAITS).pk).run.id)


def uncertain(run: Run, key: str) -> None:
    """The journal of a run whose step was cut in mid-attempt."""
    events = [
        RunStarted(at=0, input={}, trigger="start"),
        StepStarted(at=1, step=key, attempt=1, seed=1),
        StepUncertain(at=2, step=key, error=LOST),
    ]
    for seq, event in enumerate(events, 1):
        row = encode(event, seq)
        Event.objects.create(run=run, seq=seq, kind=row.kind, step=row.step, at=row.at, data=row.data)
    Run.objects.filter(pk=run.pk).update(seq=len(events), status="waiting")


def test_only_what_nobody_knows_is_resolved(operator: Person, editor: Person) -> None:
    run = run_of(editor)
    with pytest.raises(NotUncertain, match="yes is not uncertain, it is pending"):
        resolve(operator.actor, run.pk, "yes", verdict="retry")
    with pytest.raises(NotFound):
        resolve(operator.actor, run.pk, "nobody", verdict="retry")
    assert not Inbox.objects.exists()


def test_a_letter_is_counted_with_its_run(operator: Person, editor: Person) -> None:
    run = run_of(editor)
    cancel(operator.actor, run.pk, reason="enough")
    letter = Inbox.objects.get(run=run)
    assert (letter.kind, letter.payload) == ("cancel", '{"reason":"enough","by":"operator","compensate":false}')
    run.refresh_from_db()
    assert run.mail == 1


def test_an_ended_run_takes_no_letters(editor: Person) -> None:
    run = run_of(editor)
    Run.objects.filter(pk=run.pk).update(status="succeeded")
    with pytest.raises(RunEnded):
        pause(editor.actor, run.pk)
    assert not Inbox.objects.exists()


def test_a_signal_nobody_awaits_is_refused_with_the_names(editor: Person) -> None:
    run = run_of(editor)
    with pytest.raises(SignalNotAwaited) as refused:
        signal(editor.actor, run.pk, "paid")
    assert refused.value.status == 404


def test_a_strangers_run_is_not_found(editor: Person, stranger: Person) -> None:
    run = run_of(editor)
    with pytest.raises(NotFound):
        cancel(stranger.actor, run.pk)


def test_what_is_too_long_is_refused(editor: Person) -> None:
    with pytest.raises(BadInput):
        signal(editor.actor, run_of(editor).pk, "n" * 201)


def test_a_verdict_is_a_letter_to_the_step(editor: Person) -> None:
    run = run_of(editor)
    uncertain(run, "yes")
    resolve(editor.actor, run.pk, "yes", verdict="succeeded", output={"sent": True})
    letter = Inbox.objects.get(run=run)
    assert (letter.kind, letter.name) == ("resolve", "yes")


def test_a_step_deep_inside_is_resolved_by_its_whole_key(operator: Person, editor: Person) -> None:
    run, key = run_of(editor), "/".join([f"a_rather_long_name[{n}]" for n in range(16)])
    uncertain(run, key)
    resolve(operator.actor, run.pk, key, verdict="retry")
    letter = Inbox.objects.get(run=run)
    assert len(key) > 200
    assert json.loads(letter.payload)["step"] == key
    assert key.startswith(letter.name)


AWAITS = with_nodes(
    {"id": "start", "type": "trigger.manual"},
    {"id": "paid", "type": "flow.signal", "config": {"name": "paid", "timeout": "1h"}},
    {"id": "sent", "type": "flow.signal", "config": {"name": "sent"}},
)


def test_a_signal_that_comes_early_is_kept_and_one_sent_twice_by_a_key_counts_once(
    operator: Person, editor: Person
) -> None:
    run = Run.objects.get(pk=start(editor.actor, flow(editor.actor, AWAITS).pk).run.id)
    for _ in range(3):
        signal(operator.actor, run.pk, "paid", payload={"by": "card"}, key="charge-1")
    signal(operator.actor, run.pk, "paid", payload={"by": "cash"}, key="charge-2")
    letters = Inbox.objects.filter(run=run).order_by("id")
    assert [(letter.name, letter.key, json.loads(letter.payload)["by"]) for letter in letters] == [
        ("paid", "charge-1", "card"),
        ("paid", "charge-2", "cash"),
    ]
    run.refresh_from_db()
    assert run.mail == 2


def test_an_unknown_signal_is_answered_with_the_names_that_are_awaited(editor: Person) -> None:
    run = Run.objects.get(pk=start(editor.actor, flow(editor.actor, AWAITS).pk).run.id)
    with pytest.raises(SignalNotAwaited, match="it awaits: paid, sent"):
        signal(editor.actor, run.pk, "payed")


def test_a_signal_to_an_ended_run_is_refused(editor: Person) -> None:
    run = Run.objects.get(pk=start(editor.actor, flow(editor.actor, AWAITS).pk).run.id)
    Run.objects.filter(pk=run.pk).update(status="cancelled")
    with pytest.raises(RunEnded) as refused:
        signal(editor.actor, run.pk, "paid")
    assert refused.value.status == 409


def test_who_may_not_steer_sends_no_signal(viewer: Person, editor: Person) -> None:
    run = Run.objects.get(pk=start(editor.actor, flow(editor.actor, AWAITS).pk).run.id)
    with pytest.raises(Forbidden):
        signal(viewer.actor, run.pk, "paid")
