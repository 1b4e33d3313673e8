"""Published messages on their way: at least once, in order per key, and where they can't arrive, to whom it is told."""

import asyncio
import base64
import hashlib
import hmac
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
import pytest
from django.db import connection

from flows.journal.connection import connect, conninfo
from flows.models import Alert, Delivery, Outbox
from flows.operations.credentials import Rate, create_credential
from flows.operations.deliveries import drop_deliveries, retry_deliveries
from flows.operations.fitness import queue_figures
from flows.runtime.relay import Relay
from tests.cast import Person, person
from tests.runtime.post import a_run, destination, due, looked, message, published, receiving, relay, states
from tests.security.http_server import Reply, Request

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 60


@pytest.fixture(autouse=True)
def reachable(settings: Any) -> None:
    settings.MULGIL = settings.MULGIL | {"egress_allow": ("127.0.0.0/8",)}


@pytest.fixture
def admin() -> Person:
    return person("admin", "admin", home="house")


def test_a_message_is_posted_once_with_what_a_receiver_must_know(admin: Person) -> None:
    create_credential(
        admin.actor, name="sign", kind="webhook", values={"secret": "whsec_" + base64.b64encode(b"k" * 24).decode()}
    )
    create_credential(admin.actor, name="shop", kind="http", values={"token": "t"}, hosts=["127.0.0.1"])
    with receiving(**{"in": Reply(202)}) as server:
        destination(server, credential="shop", signing="sign")
        published(a_run(), message("pay", key="ä 1", payload='{"n":1}'))
        relay()
        relay()
    (got,) = server.requests
    told = Outbox.objects.get()
    assert (got.method, got.body) == ("POST", b'{"n":1}')
    assert got.headers["idempotency-key"] == got.headers["webhook-id"] == str(told.pk)
    assert (got.headers["mulgil-topic"], got.headers["mulgil-key"]) == ("orders.paid", "%C3%A4%201")
    assert (got.headers["authorization"], got.headers["content-type"]) == ("Bearer t", "application/json")
    signed = f"{told.pk}.{got.headers['webhook-timestamp']}.".encode() + got.body
    expected = base64.b64encode(hmac.new(b"k" * 24, signed, hashlib.sha256).digest()).decode()
    assert got.headers["webhook-signature"] == f"v1,{expected}"
    assert states() == ["sent"]


def test_messages_of_a_key_arrive_in_order_and_a_failing_one_holds_up_only_its_key() -> None:
    broken = True

    def answer(request: Request) -> Reply:
        return Reply(503) if broken and request.body == b'"a0"' else Reply(200)

    with receiving(**{"in": answer}) as server:
        destination(server)
        names = ["a0", "b0", "a1", "b1", "c0"]
        published(a_run(), *(message(name, key=name[0], payload=f'"{name}"') for name in names))
        for _ in range(3):
            relay()
        came = [one.body for one in server.requests if one.body != b'"a0"']
        assert (sorted(came), came[-1]) == ([b'"b0"', b'"b1"', b'"c0"'], b'"b1"')
        broken = False
        for _ in range(3):
            due()
            relay()
    assert [one.body for one in server.requests][-2:] == [b'"a0"', b'"a1"']
    assert len({one.headers["idempotency-key"] for one in server.requests if one.body == b'"a0"'}) == 1


def test_a_message_goes_to_every_destination_that_takes_its_topic_each_by_itself() -> None:
    with receiving(one=Reply(200), two=Reply(500), three=Reply(200)) as server:
        destination(server, "one", topics=["orders.*"])
        destination(server, "two", topics=["orders.paid"])
        destination(server, "three", topics=["refunds.*", "orders"])
        published(a_run(), message("pay"))
        relay()
    assert sorted(one.target for one in server.requests) == ["/one", "/two"]
    assert sorted(states()) == ["sent", "waiting"]


def test_what_the_receiver_asks_for_is_waited_out() -> None:
    with receiving(**{"in": Reply(429, headers={"Retry-After": "900"})}) as server:
        destination(server)
        published(a_run(), message("pay"))
        relay()
    found = Delivery.objects.get()
    assert 890 < (found.next_try_at - found.since).total_seconds() < 1_000
    assert found.last_error == "it answered 429: {}"


@pytest.mark.parametrize("waits", [False, True])
def test_after_its_last_attempt_a_message_is_dead_and_later_ones_go_on_or_wait(admin: Person, waits: bool) -> None:
    def answer(request: Request) -> Reply:
        return Reply(500) if request.body == b'"first"' else Reply(200)

    with receiving(**{"in": answer}) as server:
        destination(server, max_attempts=2, waits_for_dead=waits)
        published(a_run(), message("a", "k", '"first"'), message("b", "k", '"second"'))
        for _ in range(4):
            due()
            relay()
        assert states() == ["dead", "waiting" if waits else "sent"]
        assert len(server.requests) == (2 if waits else 3)
        assert Alert.objects.get().code == "message_dead"
        dead = Delivery.objects.get(state="dead")
        if waits:
            assert drop_deliveries(admin.actor, [dead.pk]) == 1
            relay()
            assert states() == ["dropped", "sent"]
            return
        server.routes["/in"] = Reply(200)
        assert retry_deliveries(admin.actor, [dead.pk]).retried == 1
        relay()
        assert states() == ["sent", "sent"]


def test_a_message_that_is_too_old_or_refused_for_good_is_dead_at_once() -> None:
    with receiving(old=Reply(500), bad=Reply(422, body=b"no such order")) as server:
        destination(server, "old", max_age=60, topics=["old"])
        destination(server, "bad", topics=["bad"])
        published(a_run(), message("a", topic="old"), message("b", topic="bad"))
        Delivery.objects.filter(message__topic="old").update(since="2020-01-01T00:00:00Z")
        relay()
    assert states() == ["dead", "dead"]
    assert Delivery.objects.get(message__topic="bad").last_error == "it answered 422: no such order"


def test_a_message_that_nobody_takes_is_dead_until_somebody_does(admin: Person) -> None:
    with receiving(**{"in": Reply(200)}) as server:
        published(a_run(), message("pay"))
        lost = Delivery.objects.get()
        assert (lost.state, lost.last_error) == ("dead", "no destination takes this topic")
        assert retry_deliveries(admin.actor, [lost.pk]).unrouted == 1
        destination(server, topics=["orders.*"])
        assert retry_deliveries(admin.actor, [lost.pk]).retried == 1
        relay()
    assert len(server.requests) == 1
    assert states() == ["sent"]


def test_a_destination_that_stands_still_gets_its_messages_later() -> None:
    with receiving(**{"in": Reply(200)}) as server:
        made = destination(server, is_active=False)
        published(a_run(), message("pay"))
        relay()
        assert states() == ["waiting"]
        made.is_active = True
        made.save()
        relay()
    assert states() == ["sent"]


def test_private_addresses_are_refused_as_everywhere(settings: Any) -> None:
    settings.MULGIL = settings.MULGIL | {"egress_allow": ()}
    with receiving(**{"in": Reply(200)}) as server:
        destination(server)
        published(a_run(), message("pay"))
        relay()
    assert server.requests == []
    assert "private network" in Delivery.objects.get().last_error


def test_a_credential_s_rate_is_kept_to(admin: Person) -> None:
    create_credential(
        admin.actor, name="shop", kind="http", values={"token": "t"}, hosts=["127.0.0.1"], rate=Rate(limit=10, per="1s")
    )
    with receiving(**{"in": Reply(200)}) as server:
        destination(server, credential="shop")
        published(a_run(), *(message(f"n{n}") for n in range(4)))
        relay()
    with connection.cursor() as cursor:
        cursor.execute("SELECT rate_at - (SELECT min(since) FROM flows_delivery) > '400ms' FROM flows_credential")
        assert cursor.fetchone() == (True,)
    assert states() == ["sent"] * 4


def test_the_figures_tell_what_waits_and_what_is_dead() -> None:
    with receiving(**{"in": Reply(500)}) as server:
        destination(server, topics=["orders.*"])
        published(a_run(), message("a"), message("b"), message("c", topic="lost"))
        relay()
    Delivery.objects.filter(state="waiting").update(since="2020-01-01T00:00:00Z")
    figures = queue_figures()
    assert (figures["outbox_waiting"], figures["outbox_dead"]) == (2, 1)
    assert figures["outbox_oldest_seconds"] > 86_400


# --- several relays, and the server's hand ------------------------------------------------------------------


def test_several_relays_send_each_message_once_and_each_key_in_order() -> None:
    with receiving(**{"in": Reply(200)}) as server:
        destination(server)
        run = a_run()
        published(run, *(message(f"{key}{n}", key, f"{n}") for n in range(10) for key in "abcd"))

        async def together() -> None:
            while "waiting" in await looked():
                await asyncio.gather(*(Relay().once() for _ in range(4)))

        asyncio.run(together())
    assert len(server.requests) == 40
    for key in "abcd":
        got = [int(one.body) for one in server.requests if one.headers["mulgil-key"] == key]
        assert got == list(range(10))


def test_what_a_relay_is_sending_is_left_alone_by_others_until_its_connection_ends() -> None:
    began, go_on = threading.Event(), threading.Event()

    def answer(request: Request) -> Reply:
        began.set()
        assert go_on.wait(PATIENCE)
        return Reply(200)

    with receiving(**{"in": answer}) as server:
        destination(server)
        published(a_run(), message("pay", "k"))
        first = threading.Thread(target=relay)
        first.start()
        assert began.wait(PATIENCE)
        relay()
        assert len(server.requests) == 1
        go_on.set()
        first.join(PATIENCE)
    assert states() == ["sent"]


def test_what_a_relay_that_is_gone_had_taken_is_sent_by_another() -> None:
    with receiving(**{"in": Reply(200)}) as server:
        destination(server)
        published(a_run(), message("pay", "k"))
        Delivery.objects.update(owner=12345)
        relay()
    assert states() == ["sent"]


def by_hand(pid: int) -> None:
    """57P01: the server's own administrator ends the connection."""
    with psycopg.Connection.connect(conninfo("test"), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", (pid,))


class Cutting:
    """Gives a relay its connections; the first of them is ended in mid-work as `cut` says, and says so."""

    def __init__(self, cut: Callable[[psycopg.AsyncConnection[Any]], Awaitable[None]]) -> None:
        self.cut = cut
        self.given = 0
        self.was_cut = threading.Event()

    async def __call__(self, name: str) -> psycopg.AsyncConnection[Any]:
        made = await connect(name)
        self.given += 1
        if self.given == 1:
            await self.cut(made)
            self.was_cut.set()
        return made


async def terminated(given: psycopg.AsyncConnection[Any]) -> None:
    await asyncio.to_thread(by_hand, given.info.backend_pid)


async def fell_silent(given: psycopg.AsyncConnection[Any]) -> None:
    """25P03: the server ends what is silent within a transaction."""
    await given.execute("SET idle_in_transaction_session_timeout = '1ms'")
    await given.execute("BEGIN")
    await asyncio.sleep(0.2)


@pytest.mark.parametrize("cut", [terminated, fell_silent])
def test_a_relay_outlives_its_connection(cut: Callable[..., Any]) -> None:
    cutting = Cutting(cut)
    with receiving(**{"in": Reply(200)}) as server:
        destination(server)
        published(a_run(), message("pay"))

        async def work() -> None:
            working = asyncio.create_task(Relay(cutting).deliver_on())
            async with asyncio.timeout(PATIENCE):
                while await looked() != ["sent"]:
                    await asyncio.sleep(0.05)
            working.cancel()
            await asyncio.wait([working])

        asyncio.run(work())
    assert cutting.was_cut.is_set()
    assert cutting.given >= 2
    assert len(server.requests) == 1


def test_a_relay_cut_off_in_mid_delivery_sends_again_under_the_same_key() -> None:
    first: list[int] = []

    def answer(request: Request) -> Reply:
        if not first:
            with psycopg.Connection.connect(conninfo("test"), autocommit=True) as other:
                found = other.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name = 'mulgil relay' AND datname = current_database()"
                ).fetchall()
            first.append(len(found))
        return Reply(200)

    with receiving(**{"in": answer}) as server:
        destination(server)
        published(a_run(), message("pay", "k"), message("next", "k"))

        async def work() -> None:
            working = asyncio.create_task(Relay().deliver_on())
            async with asyncio.timeout(PATIENCE):
                while await looked() != ["sent", "sent"]:
                    await asyncio.sleep(0.05)
            working.cancel()
            await asyncio.wait([working])

        asyncio.run(work())
    keys = [one.headers["idempotency-key"] for one in server.requests]
    assert first == [1]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 2
    assert keys[-1] not in keys[:2]
