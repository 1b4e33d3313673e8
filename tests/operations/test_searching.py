"""Finding by words: what each kind is found by, and that nobody finds what they may not read."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from flows.models import Draft, Run
from flows.operations import searching
from flows.operations.credentials import create_credential
from flows.operations.flows import archive_flow
from flows.operations.publishing import publish
from flows.operations.searching import search
from flows.operations.starting import start
from tests.cast import Person, flow, person

SHOP: dict[str, Any] = {
    "dsl": 1,
    "nodes": [
        {"id": "start", "type": "trigger.manual"},
        {"id": "charge", "type": "data.set", "label": 'Charge "the" card', "config": {"fields": {"x": "refund"}}},
        {"id": "tell", "type": "log", "label": "손님에게 알림", "config": {"message": "hello"}},
    ],
    "edges": [{"from": "start", "to": "charge"}, {"from": "charge", "to": "tell"}],
}


@pytest.fixture
def shop(editor: Person) -> UUID:
    return flow(editor.actor, SHOP, name="Order fulfilment").pk


def found(who: Person, words: str, limit: int = 6) -> list[tuple[str, str]]:
    return [(one.kind, one.name) for one in search(who.actor, words, limit=limit)]


def test_flows_are_found_by_every_word_of_their_name_in_any_case(viewer: Person, editor: Person, shop: UUID) -> None:
    flow(editor.actor, name="Orders of last year")
    assert found(viewer, "FULF order") == [("flow", "Order fulfilment")]
    assert [kind for kind, _ in found(viewer, "order")] == ["flow", "flow"]
    assert found(viewer, "   ") == found(viewer, "o\x00rder") == []
    archive_flow(editor.actor, shop)
    assert found(viewer, "fulfilment") == found(viewer, "charge") == []


@pytest.mark.parametrize("words", ["charge", "CARD charge", '"the"', "알림", "log tell"])
def test_nodes_are_found_by_label_id_and_type_and_not_by_what_they_are_set_to(
    viewer: Person, shop: UUID, words: str
) -> None:
    (one,) = search(viewer.actor, words)
    assert (one.kind, one.flow, one.flow_name) == ("node", shop, "Order fulfilment")
    assert one.id in {"charge", "tell"}
    assert found(viewer, "refund") == []
    assert found(viewer, "%") == []


def test_runs_are_found_by_the_beginning_of_their_id_and_by_number(viewer: Person, editor: Person, shop: UUID) -> None:
    runs = [start(editor.actor, shop).run.id for _ in range(2)]
    first = Run.objects.get(pk=runs[0])
    assert [one.id for one in search(viewer.actor, str(first.pk))] == [str(first.pk)]
    assert str(first.pk) in [one.id for one in search(viewer.actor, first.pk.hex[:14].upper())]
    assert found(viewer, f"#{first.number}") == [("run", f"Order fulfilment #{first.number}")]
    assert found(viewer, f"fulfil {first.number}") == [("run", f"Order fulfilment #{first.number}")]
    assert found(viewer, f"other {first.number}") == []
    (one,) = search(viewer.actor, f"#{first.number}")
    assert (one.detail, one.began) == ("queued", first.created_at)
    assert found(viewer, "#" + "9" * 18) == []


def test_versions_are_found_by_note_and_by_number(viewer: Person, editor: Person, shop: UUID) -> None:
    publish(editor.actor, shop, note="Spring prices")
    assert found(viewer, "spring") == [("version", "v2")]
    assert found(viewer, "fulfilment v2") == [("version", "v2")]
    assert found(viewer, "other v2") == found(viewer, "v999999999") == []


def test_credentials_are_found_by_name(viewer: Person, editor: Person) -> None:
    create_credential(
        editor.actor, name="payments", kind="http", values={"scheme": "bearer", "token": "secret-payments"}
    )
    assert found(viewer, "pay") == [("credential", "payments")]
    assert found(viewer, "secret-pay") == []


def test_no_kind_takes_more_than_its_share(viewer: Person, editor: Person) -> None:
    for number in range(4):
        flow(editor.actor, SHOP, name=f"Shop {number}", published=False)
    assert len(found(viewer, "shop", limit=2)) == 2
    assert len(found(viewer, "charge", limit=3)) == 3


def test_no_more_text_is_looked_through_than_one_question_may_cost(
    viewer: Person, editor: Person, shop: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow(editor.actor, SHOP, name="Changed last", published=False)
    sizes = [len(draft.document.encode()) for draft in Draft.objects.order_by("-updated_at")]
    monkeypatch.setattr(searching, "BYTES", sum(sizes))
    assert [one.flow_name for one in search(viewer.actor, "card")] == ["Changed last", "Order fulfilment"]
    monkeypatch.setattr(searching, "BYTES", sum(sizes) - 1)
    assert [one.flow_name for one in search(viewer.actor, "card")] == ["Changed last"]


def test_nobody_finds_what_is_another_workspaces(stranger: Person, editor: Person, shop: UUID) -> None:
    create_credential(editor.actor, name="payments", kind="http", values={"scheme": "bearer", "token": "x"})
    run = start(editor.actor, shop).run
    words = ("order", "charge", "payments", str(run.id), "first", "order v1")
    assert [found(stranger, each) for each in words] == [[]] * len(words)


@pytest.mark.parametrize(
    ("scope", "kinds"),
    [
        ("runs:read", ["run"]),
        ("credentials:read", ["credential"]),
        ("flows:read", ["flow", "node", "version"]),
        ("approvals:decide", []),
    ],
)
def test_a_token_finds_the_kinds_that_it_may_read(client: Client, editor: Person, scope: str, kinds: list[str]) -> None:
    document = {**SHOP, "nodes": [*SHOP["nodes"][:2], {"id": "n7", "type": "log", "config": {"message": "x"}}]}
    document["edges"] = [{"from": "start", "to": "charge"}, {"from": "charge", "to": "n7"}]
    made = flow(editor.actor, document, name="Week 7", published=False)
    publish(editor.actor, made.pk, note="of week 7")
    create_credential(editor.actor, name="key 7", kind="http", values={"scheme": "bearer", "token": "x"})
    for _ in range(7):
        start(editor.actor, made.pk)
    limited = person("limited", "editor", scopes=[scope])
    answer = client.get("/api/search/", {"q": "7"}, headers=limited.headers)
    told = {one["kind"] for one in answer.json()["results"]}
    answer = client.get("/api/search/", {"q": "n7"}, headers=limited.headers)
    assert sorted(told | {one["kind"] for one in answer.json()["results"]}) == kinds


def test_a_question_is_asked_by_who_is_signed_in_and_is_no_longer_than_it_may_be(
    client: Client, viewer: Person, shop: UUID
) -> None:
    assert client.get("/api/search/?q=order").status_code == 401
    assert client.get("/api/search/", headers=viewer.headers).status_code == 422
    assert client.get("/api/search/", {"q": "o" * 201}, headers=viewer.headers).status_code == 422
    assert client.get("/api/search/", {"q": "o", "limit": 21}, headers=viewer.headers).status_code == 422
    (one,) = client.get("/api/search/", {"q": "fulfil", "limit": 1}, headers=viewer.headers).json()["results"]
    assert one == {
        "kind": "flow", "id": str(shop), "name": "Order fulfilment", "flow": str(shop),
        "flow_name": "Order fulfilment", "detail": "", "began": None,
    }  # fmt: skip
