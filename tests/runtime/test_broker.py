"""The broker: when it hands out a turn, and that it keeps serving what django-q2 was made for."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import connection as django_connection
from django.utils import timezone
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from flows.models import LockPlace
from flows.runtime import board as boards
from flows.runtime import broker as brokers
from flows.runtime.board import Board
from flows.runtime.broker import Broker
from tests.runtime.house import chain, drive, publish, start
from tests.runtime.test_locks import held

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def board() -> Iterator[Board]:
    board = Board()
    boards.adopt(board)
    yield board
    boards.adopt(Board())


@pytest.fixture
def broker(board: Board, monkeypatch: pytest.MonkeyPatch) -> Iterator[Broker]:
    monkeypatch.setattr(brokers, "LOOK", 0.02)
    monkeypatch.setattr(Broker, "relays", False)
    broker = Broker(list_key="mulgil")
    yield broker
    broker.close()


def handed(broker: Broker) -> list[str]:
    """The functions of what one look hands out."""
    return [SignedPackage.loads(task)["func"] for _, task in broker.dequeue() or []]


def test_nothing_to_do_hands_out_nothing(broker: Broker) -> None:
    assert broker.dequeue() is None


def test_a_ready_run_is_worth_a_turn_and_only_one_at_a_time(broker: Broker, board: Board) -> None:
    start(publish(chain(1)))
    assert handed(broker) == ["flows.runtime.turn.turn"]
    assert board.outstanding == 1
    assert handed(broker) == []


def test_what_a_hungry_executor_takes_in_time_is_worth_no_turn(
    broker: Broker, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    board.show(in_turn=True, hungry=True, begins=True)
    board.forgive()
    monkeypatch.setattr(brokers, "GRACE", 3600.0)
    monkeypatch.setattr(brokers.time, "sleep", lambda seconds: None)
    runs = [start(publish(chain(1))) for _ in range(2)]
    assert handed(broker) == []
    type(runs[0]).objects.filter(pk=runs[0].pk).update(owner=uuid4())  # it took the first, another stands there now
    assert handed(broker) == []
    monkeypatch.setattr(brokers, "GRACE", 0.0)
    assert handed(broker) == ["flows.runtime.turn.turn"]


def test_where_nobody_is_hungry_a_run_is_worth_a_turn_at_once(
    broker: Broker, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(brokers, "GRACE", 3600.0)
    board.show(in_turn=True, hungry=False, begins=True)
    board.forgive()
    start(publish(chain(1)))
    assert handed(broker) == ["flows.runtime.turn.turn"]


def test_a_task_carries_no_data(broker: Broker) -> None:
    start(publish(chain(1)), {"secret": "s3cret"})
    tasks = broker.dequeue()
    assert tasks is not None
    task = SignedPackage.loads(tasks[0][1])
    assert (task["args"], task["kwargs"]) == (("",), {})


def test_a_due_run_is_worth_a_turn(broker: Broker) -> None:
    run = start(publish(chain(1)), status="waiting", wake_at=timezone.now() + timedelta(hours=1))
    assert handed(broker) == []
    type(run).objects.update(wake_at=timezone.now())
    assert handed(broker) == ["flows.runtime.turn.turn"]


def test_mail_is_worth_a_turn(broker: Broker) -> None:
    start(publish(chain(1)), status="waiting", mail=1)
    assert handed(broker) == ["flows.runtime.turn.turn"]


def test_what_another_queue_holds_is_not(broker: Broker) -> None:
    start(publish(chain(1)), queue="gpu")
    assert handed(broker) == []


def test_a_lock_taken_away_by_hand_while_no_executor_is_there_is_worth_a_turn(broker: Broker) -> None:
    for _ in range(2):
        start(publish(held()))
        drive()
    assert handed(broker) == []
    LockPlace.objects.filter(token__isnull=False).update(released_at=timezone.now())
    broker._looked_for_orphans = 0.0  # two looks for what was left behind are LOOK apart
    assert handed(broker) == ["flows.runtime.turn.turn"]


def test_a_cluster_that_takes_no_turn_silences_the_broker(
    broker: Broker, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(brokers, "TAKEN_WITHIN", 0.0)
    start(publish(chain(1)))
    for _ in range(brokers.MISSES):
        assert handed(broker) == ["flows.runtime.turn.turn"]
    beat = board.last_beat()
    assert handed(broker) == []
    beat = board.last_beat()
    assert handed(broker) == []
    assert board.last_beat() == beat


def test_a_draining_host_hands_out_nothing(broker: Broker, board: Board) -> None:
    start(publish(chain(1)))
    board.drain()
    assert handed(broker) == []


def test_a_quiet_cluster_is_asked_to_show_that_it_takes_tasks(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    assert broker.dequeue() is None
    monkeypatch.setattr(brokers, "PROBE_EVERY", 0.0)
    tasks = broker.dequeue()
    assert tasks is not None
    assert SignedPackage.loads(tasks[0][1])["args"] == ("probe",)


def test_a_broken_connection_is_mended(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(brokers, "pause", lambda tries: 0.0)
    assert broker.dequeue() is None
    connection: psycopg.Connection[Any] | None = broker._own  # to break it
    assert connection is not None
    connection.close()
    start(publish(chain(1)))
    assert handed(broker) == ["flows.runtime.turn.turn"]


def test_ordinary_tasks_are_served_once_each(broker: Broker) -> None:
    task = SignedPackage.dumps({"func": "math.floor"})
    OrmQ.objects.create(key="mulgil", payload=task, lock=timezone.now())
    assert [found for _, found in broker.dequeue() or []] == [task]
    assert broker.dequeue() is None


def test_a_database_that_goes_between_turns_and_ordinary_tasks_ends_nothing(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(brokers, "pause", lambda tries: 0.0)
    broker.enqueue(SignedPackage.dumps({"func": "math.floor"}))
    turns = Broker._turns

    def cut(one: Broker, connection: psycopg.Connection[tuple[Any, ...]], board: Board) -> Any:
        found = turns(one, connection, board)
        monkeypatch.setattr(Broker, "_turns", turns)
        with django_connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            ours = cursor.fetchone()[0]
        connection.execute("SELECT pg_terminate_backend(%s, 5000)", (ours,))
        return found

    monkeypatch.setattr(Broker, "_turns", cut)
    assert broker.dequeue() is None
    assert handed(broker) == ["math.floor"]
