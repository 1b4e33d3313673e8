"""The board on which the processes of a host show that they live."""

import os
import signal
import time
from collections.abc import Callable

from flows.runtime.board import Board


def in_a_child(board: Board, *, dies: bool) -> int:
    """A child that begins a turn, then dies at once or waits to be killed."""
    child = os.fork()
    if child == 0:
        board.show(in_turn=True, hungry=True, begins=True)
        os._exit(0)
    if dies:
        os.waitpid(child, 0)
    return child


def test_a_turn_that_was_begun_is_no_longer_outstanding() -> None:
    board = Board()
    board.hand_out()
    assert board.outstanding == 1
    in_a_child(board, dies=True)
    assert board.outstanding == 0


def test_what_a_worker_took_down_with_it_can_be_forgiven() -> None:
    board = Board()
    board.hand_out()
    board.forgive()
    assert board.outstanding == 0


def test_each_executor_has_a_place_of_its_own() -> None:
    board = Board()
    board.show(in_turn=True, hungry=False)
    in_a_child(board, dies=True)
    assert sorted(place.hungry for place in board.places() if place.in_turn) == [False, True]


def test_one_that_died_in_its_turn_is_not_in_it_once_its_last_beat_is_old() -> None:
    board = Board()
    in_a_child(board, dies=True)
    assert [place.in_turn for place in board.places()].count(True) == 1
    while board.in_turn():
        pass  # a beat counts for half a second; after that only its file lock does, and that ended with it
    assert board.in_turn() == []


def test_the_youngest_beat_counts_whoever_gave_it() -> None:
    board = Board()
    board.beat()
    first = board.last_beat()
    board.show(in_turn=True, hungry=False)
    assert board.last_beat() >= first > 0


def test_wiping_begins_anew() -> None:
    board = Board()
    board.drain()
    board.hand_out()
    assert board.is_draining
    board.wipe()
    assert not board.is_draining
    assert board.outstanding == 0
    assert board.last_beat() > 0


def test_who_stands_behind_another_hungry_one_gives_way() -> None:
    board = Board()
    assert not board.is_another_hungry()
    behind = os.fork()
    if behind == 0:
        board.show(in_turn=True, hungry=True)
        signal.pause()
        os._exit(0)
    try:
        _until(lambda: board.places()[0].hungry)
        board.show(in_turn=True, hungry=True)
        assert board.is_another_hungry()
    finally:
        os.kill(behind, signal.SIGKILL)
        os.waitpid(behind, 0)
    _until(lambda: not board.is_another_hungry())


def test_what_one_before_has_taken_is_not_asked_for_again_unless_it_has_enough() -> None:
    board = Board()
    board.show(in_turn=True, hungry=True)
    board.looked(100.0)
    assert not board.has_another_looked(50.0), "nobody stands before it"
    ready, asked = os.pipe()
    behind = os.fork()
    if behind == 0:
        board.show(in_turn=True, hungry=True)
        seen = [board.has_another_looked(100.0), not board.has_another_looked(100.1)]
        os.read(ready, 1)
        seen.append(not board.has_another_looked(100.0))
        os._exit(0 if all(seen) else 1)
    _until(lambda: board.places()[1].hungry)
    board.show(in_turn=True, hungry=False)
    os.write(asked, b"x")
    _, status = os.waitpid(behind, 0)
    assert os.waitstatus_to_exitcode(status) == 0


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)
