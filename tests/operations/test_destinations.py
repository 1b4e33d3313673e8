"""Destinations are the admins' to set up; messages given up are the operators' to send again or drop."""

from typing import Any

import psycopg
import pytest
from django.test import Client

from flows.errors import BadInput, Forbidden, NotFound
from flows.journal.connection import conninfo
from flows.models import AuditEntry, Delivery, Destination
from flows.operations.credentials import create_credential
from flows.operations.deliveries import drop_deliveries, list_deliveries, retry_deliveries
from flows.operations.destinations import (
    NameTaken,
    StillNeeded,
    Wanted,
    change_destination,
    create_destination,
    delete_destination,
    list_destinations,
)
from flows.runtime.sinks import UnknownSink
from tests.cast import Person, person
from tests.runtime.post import a_run, message, published, states

pytestmark = pytest.mark.django_db(transaction=True)

SHOP: dict[str, Any] = {"config": {"url": "https://shop.example/in"}, "topics": ["orders.*"]}


@pytest.fixture
def admin() -> Person:
    return person("admin", "admin", home="house")


@pytest.fixture
def operator() -> Person:
    return person("operator", "operator", home="house")


def test_only_admins_set_destinations_up(admin: Person) -> None:
    editor = person("editor", "editor", home="house")
    with pytest.raises(Forbidden):
        create_destination(editor.actor, Wanted(name="shop", **SHOP))
    made = create_destination(admin.actor, Wanted(name="shop", **SHOP))
    assert [one.name for one in list_destinations(editor.actor).rows] == ["shop"]
    with pytest.raises(Forbidden):
        change_destination(editor.actor, made.pk, Wanted(name="mine", **SHOP))
    with pytest.raises(Forbidden):
        delete_destination(editor.actor, made.pk)
    assert AuditEntry.objects.filter(verb="created", subject="destination shop").count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"config": {}},
        {"config": {"url": "ftp://shop.example"}},
        {"config": {"url": "https://a.example", "more": 1}},
        {"topics": ["a*b"]},
        {"topics": ["a b"]},
        {"max_age": "forever"},
        {"max_attempts": 0},
        {"credential": "nobody"},
        {"signing": "shop"},
    ],
)
def test_what_could_never_deliver_is_refused(admin: Person, wrong: dict[str, Any]) -> None:
    create_credential(admin.actor, name="shop", kind="http", values={"token": "t"}, hosts=["shop.example"])
    with pytest.raises(BadInput):
        create_destination(admin.actor, Wanted(**({"name": "shop", **SHOP} | wrong)))


def test_an_unknown_kind_and_a_name_taken_are_told(admin: Person) -> None:
    create_destination(admin.actor, Wanted(name="shop", **SHOP))
    with pytest.raises(NameTaken):
        create_destination(admin.actor, Wanted(name="shop", **SHOP))
    with pytest.raises(UnknownSink):
        create_destination(admin.actor, Wanted(name="other", **SHOP, kind="kafka"))


def test_a_destination_is_deleted_only_when_no_message_needs_it(admin: Person) -> None:
    made = create_destination(admin.actor, Wanted(name="shop", **SHOP))
    published(a_run(), message("pay"))
    with pytest.raises(StillNeeded, match="1 messages of shop"):
        delete_destination(admin.actor, made.pk)
    assert drop_deliveries(admin.actor, [Delivery.objects.get().pk]) == 1
    delete_destination(admin.actor, made.pk)
    assert list(list_destinations(admin.actor).rows) == []
    with pytest.raises(NotFound):
        delete_destination(admin.actor, made.pk)
    create_destination(admin.actor, Wanted(name="shop", **SHOP))
    published(a_run(), message("pay", topic="other"))
    assert Delivery.objects.get(message__topic="other").destination is None


def test_a_message_under_way_to_its_destination_keeps_it_from_being_deleted(admin: Person) -> None:
    """Who deletes waits for the transaction that routes, and finds its message."""
    made = create_destination(admin.actor, Wanted(name="shop", **SHOP))
    with psycopg.Connection.connect(conninfo("test")) as routing:
        routing.execute("SELECT 1 FROM flows_destination WHERE id = %s FOR SHARE", (made.pk,))
        with psycopg.Connection.connect(conninfo("test"), autocommit=True) as deleting:
            deleting.execute("SET lock_timeout = '200ms'")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                deleting.execute("SELECT 1 FROM flows_destination WHERE id = %s FOR UPDATE", (made.pk,))


def test_whether_later_messages_wait_counts_for_the_dead_too(admin: Person) -> None:
    made = create_destination(admin.actor, Wanted(name="shop", **SHOP))
    published(a_run(), message("a", "k"), message("b"))
    Delivery.objects.update(state="dead", blocks=False)
    change_destination(admin.actor, made.pk, Wanted(name="shop", **SHOP, waits_for_dead=True))
    assert list(Delivery.objects.order_by("position").values_list("blocks", flat=True)) == [True, False]


def test_an_operator_sends_again_and_drops_and_it_is_written_down(admin: Person, operator: Person) -> None:
    viewer, stranger = person("viewer", "viewer", home="house"), person("stranger", "admin", home="elsewhere")
    create_destination(admin.actor, Wanted(name="shop", **SHOP))
    published(a_run(), message("a"), message("b"))
    Delivery.objects.update(state="dead", blocks=False, tries=20, last_error="it answered 500")
    first, second = sorted(one.pk for one in list_deliveries(viewer.actor).rows)
    for verb in (retry_deliveries, drop_deliveries):
        with pytest.raises(Forbidden):
            verb(viewer.actor, [first])
        verb(stranger.actor, [first])
    assert list_deliveries(stranger.actor).rows == []
    assert states() == ["dead", "dead"]
    retry_deliveries(operator.actor, [first])
    drop_deliveries(operator.actor, [second])
    assert sorted(Delivery.objects.values_list("pk", "state")) == sorted([(first, "waiting"), (second, "dropped")])
    assert Delivery.objects.get(pk=first).tries == 0
    written = AuditEntry.objects.filter(actor="operator", subject="1 messages").order_by("pk")
    assert list(written.values_list("verb", flat=True)) == ["sent again", "dropped"]


def test_over_the_api(admin: Person, operator: Person, client: Client) -> None:
    asked = {"name": "shop", **SHOP, "max_age": "2h", "waits_for_dead": True}
    kind: Any = {"content_type": "application/json"}
    made = client.post("/api/destinations/", asked, headers=admin.headers, **kind).json()
    assert (made["max_age"], made["topics"], made["waiting"]) == ("2h", ["orders.*"], 0)
    published(a_run(), message("a", "k"))
    address = f"/api/destinations/{made['id']}/"
    assert client.get(address, headers=operator.headers).json()["waiting"] == 1
    changed = client.put(address, {**asked, "active": False}, headers=admin.headers, **kind)
    assert (changed.status_code, Destination.objects.get().is_active) == (200, False)
    assert client.put(address, asked, headers=operator.headers, **kind).status_code == 403
    assert client.delete(address, headers=admin.headers).status_code == 409
    (waiting,) = client.get("/api/deliveries/?state=waiting", headers=operator.headers).json()["results"]
    assert (waiting["topic"], waiting["key"], waiting["destination"], waiting["step"]) == (
        "orders.paid",
        "k",
        "shop",
        "a",
    )
    dropped = client.post("/api/deliveries/drop/", {"deliveries": [waiting["id"]]}, headers=operator.headers, **kind)
    assert dropped.json() == {"dropped": 1}
    again = client.post("/api/deliveries/retry/", {"deliveries": [waiting["id"]]}, headers=operator.headers, **kind)
    assert again.json() == {"retried": 0, "unrouted": 0}
    assert client.delete(address, headers=admin.headers).status_code == 204
    assert client.get("/api/destination-kinds/", headers=operator.headers).json() == {"kinds": ["http"]}
