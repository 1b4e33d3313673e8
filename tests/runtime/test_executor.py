"""What an executor does with the runs it takes."""

import pytest

from tests.runtime.house import chain, drive, journal, kinds, publish, start

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_run_goes_through_its_chain_and_ends() -> None:
    run = start(publish(chain(2)), {"x": 1})
    drive()
    run.refresh_from_db()
    assert run.status == "succeeded"
    assert run.output == '{"n":1}'
    assert kinds(run) == [
        "run_started",
        "step_started",
        "step_succeeded",
        "step_started",
        "step_succeeded",
        "run_succeeded",
    ]
    assert run.seq == 6
    assert run.owner is None
    assert run.started_at <= run.finished_at
    assert len(journal(run)) == 6
