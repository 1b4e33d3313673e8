"""What ends a go without a word of its node: its time, or that its target is left alone for a while."""

from typing import Any

import pytest

from flows.engine.outcomes import Failed, Items, Postponed, TimedOut
from tests.engine.test_leaving import BUSY, DEPLOY, HOUR, MINUTE, NO, RETRIED, Drive, deploying


@pytest.mark.parametrize("leaves", [False, True])
def test_a_go_that_its_time_cut_off_is_gone_again_for_a_while_whatever_its_retries(*, leaves: bool) -> None:
    run = deploying(timeout="10s")
    if leaves:
        run.cancel()
    else:
        run.passes()
    for _ in range(11):
        run.comes("deploy", TimedOut())
        assert run.state_of("deploy") == "retrying"
        run.passes()
        assert (run.begun["deploy"].again, run.begun["deploy"].leaves) == ({"gone": 1}, leaves)
    run.comes("deploy", TimedOut())
    assert run.state_of("deploy") == "failed"


def test_the_next_go_has_all_of_these_tries_again() -> None:
    run = deploying(timeout="10s")
    for gone in (2, 3):
        run.passes()
        for _ in range(11):
            run.comes("deploy", TimedOut())
            run.passes()
        run.waits("deploy", gone=gone)
    assert run.state_of("deploy") == "waiting"


def test_what_asked_for_no_farewell_or_has_begun_nothing_yet_has_none_of_these_tries() -> None:
    for is_first in (True, False):
        run = Drive("start > deploy", deploy=DEPLOY | {"timeout": "10s"})
        if not is_first:
            run.waits("deploy", farewell=False)
            run.passes()
        run.comes("deploy", TimedOut())
        assert run.state_of("deploy") == "failed"


PRESSED: dict[str, Any] = {
    "retry": {"max_attempts": 9, "initial": "1s", "backoff": "constant", "jitter": 0, "max_elapsed": "10s"}
}


def test_the_time_that_tries_may_take_is_that_of_each_go() -> None:
    run = deploying(**PRESSED)
    run.passes()
    run.comes("deploy", Failed(BUSY))
    assert run.state_of("deploy") == "retrying"
    run.passes(MINUTE)
    run.comes("deploy", Failed(BUSY))
    assert run.state_of("deploy") == "failed", "by now it is over"


def test_the_time_that_tries_may_take_begins_anew_in_a_loop_that_is_tried_again() -> None:
    run = Drive("start > loop", "a@loop", a=DEPLOY | PRESSED, loop=RETRIED)
    run.comes("loop", Items(1, [1], 1))
    for _ in range(2):
        run.comes("loop[0]/a", Failed(BUSY))
        assert run.state_of("loop[0]/a") == "retrying"
        run.passes(MINUTE)
        run.comes("loop[0]/a", Failed(BUSY))
        run.passes(MINUTE)
    assert "loop[0]/a" in run.begun


@pytest.mark.parametrize("farewell", [True, False])
def test_what_asked_for_a_farewell_waits_for_its_target_however_long(*, farewell: bool) -> None:
    run = Drive("start > deploy", deploy=DEPLOY | PRESSED)
    run.waits("deploy", farewell=farewell)
    run.passes()
    run.comes("deploy", Postponed(NO, run.now + HOUR))
    assert run.state_of("deploy") == ("retrying" if farewell else "failed")
