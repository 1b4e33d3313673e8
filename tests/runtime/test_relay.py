"""The relay: messages go out at least once, in order per key, later and later after a failure; schedules tick."""

from collections.abc import Iterator
from typing import Any

import pytest

from flows.journal.connection import connect_sync
from flows.models import Outbox
from flows.runtime import verbs
from flows.runtime.relay import Relay
from flows.security.safejson import Json
from tests.crash.hatching import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


class Taught:
    """Verbs that remember, and fail as told."""

    def __init__(self) -> None:
        self.delivered: list[tuple[str, str, Json]] = []
        self.ticks: list[int] = []
        self.refuses: set[str] = set()

    def tick(self, now: int) -> int | None:
        self.ticks.append(now)
        if "tick" in self.refuses:
            raise ValueError("no tick")
        return None

    def deliver(self, topic: str, key: str, payload: Json) -> None:
        if key in self.refuses:
            raise ConnectionError("mail server away\x00")
        self.delivered.append((topic, key, payload))


@pytest.fixture
def taught() -> Iterator[Taught]:
    before, taught = verbs.installed(), Taught()
    verbs.install(taught)
    yield taught
    verbs._installed.verbs = before  # back to what it was


def step() -> None:
    with connect_sync("test") as connection:
        Relay().step(connection)


def message(key: str, payload: str = "{}", **fields: Any) -> Outbox:
    return Outbox.objects.create(topic="alert", key=key, payload=payload, **fields)


def test_a_message_goes_out_once(taught: Taught) -> None:
    message("a", '{"x":1}')
    step()
    step()
    assert taught.delivered == [("alert", "a", {"x": 1})]
    assert Outbox.objects.get().sent_at is not None


def test_messages_of_a_key_go_out_in_order(taught: Taught) -> None:
    for n in range(3):
        message("a", str(n))
    for _ in range(3):
        step()
    assert [payload for _, _, payload in taught.delivered] == [0, 1, 2]


def test_a_failure_is_remembered_and_holds_up_only_its_key(taught: Taught) -> None:
    taught.refuses = {"a"}
    bad = message("a")
    message("a")
    message("b")
    step()
    assert [key for _, key, _ in taught.delivered] == ["b"]
    bad.refresh_from_db()
    assert (bad.tries, bad.last_error) == (1, "mail server away\ufffd")
    assert bad.next_try_at > bad.created_at
    taught.refuses = set()
    step()
    assert len(taught.delivered) == 1  # not before its time


def test_schedules_tick_and_a_failing_one_stops_nothing(taught: Taught) -> None:
    taught.refuses = {"tick"}
    message("a")
    step()
    assert len(taught.ticks) == 1
    assert len(taught.delivered) == 1


@pytest.mark.parametrize("how", ["fell silent", "was ended"])
def test_a_relay_whose_transaction_the_server_ends_sends_the_message_again_on_another_connection(
    taught: Taught, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """25P03 is no OperationalError, and 57P01 comes where nobody asked for anything."""
    opened: list[Any] = []

    def connecting(name: str) -> Any:
        opened.append(connect_sync(name))
        return opened[-1]

    def deliver(topic: str, key: str, payload: Json) -> None:
        Taught.deliver(taught, topic, key, payload)
        if len(taught.delivered) == 1:
            end(opened[0].info.backend_pid, how)

    monkeypatch.setattr(taught, "deliver", deliver)
    if how == "fell silent":
        monkeypatch.setattr("flows.runtime.relay.WATCHFUL", "SET idle_in_transaction_session_timeout = '20ms'")
    sent = message("a", "1")
    relay = Relay(connecting)
    relay.start()
    wait_until(lambda: Outbox.objects.filter(pk=sent.pk, sent_at__isnull=False).exists(), "the message did not go out")
    relay.stop()
    assert taught.delivered == [("alert", "a", 1)] * 2
    assert len(opened) == 2


def end(pid: int, how: str) -> None:
    """Until the server has ended that session."""
    with connect_sync("test end") as other:
        if how == "was ended":
            other.execute("SELECT pg_terminate_backend(%s)", (pid,))
        gone = "SELECT NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE pid = %s)"
        wait_until(lambda: other.execute(gone, (pid,)).fetchone() == (True,), "the session goes on")
