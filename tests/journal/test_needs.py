"""Which run needs which large value is written with the events that name it."""

from uuid import uuid4

import pytest

from flows.engine.events import GivenStep, PayloadRef, RunStarted, StepSucceeded
from flows.journal.rows import LetterRow
from flows.journal.writer import Writer
from flows.models import PayloadUse
from tests.journal.test_writer import Shown, taken, writing

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_run_needs_the_values_its_events_name_and_another_those_its_letters_speak_of() -> None:
    run, parent, gone = taken(), taken(), uuid4()
    large = [PayloadRef(letter * 64, 9) for letter in "abcd"]

    async def scenario(writer: Writer) -> None:
        log = writer.open(Shown(), run.pk, 1, 0)
        given = (GivenStep(step="n1", status="succeeded", port="out", output=large[1]),)
        log.put(RunStarted(at=1, input=large[0], trigger="start", given=given))
        log.put(StepSucceeded(at=2, step="n0", output=large[2]))
        log.put(StepSucceeded(at=3, step="n1", output={"$payload": "e" * 64, "size": 9}))
        for to in (parent.pk, gone):
            log.post(LetterRow(to=to, kind="child", name="n", key="n", payload="{}", names=large[3].hash))
        await log.barrier()
        log.put(StepSucceeded(at=4, step="n2", output=large[2]))
        await log.barrier()

    writing(scenario)
    named = {(run.pk, one.hash) for one in large[:3]} | {(parent.pk, large[3].hash)}
    assert set(PayloadUse.objects.values_list("run_id", "hash")) == named
