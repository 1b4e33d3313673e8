"""The admin begins canaries and ends them, either way, and calls a newer version's way to be live a release."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from flows.models import AuditEntry, Credential, Flow, Release, Workspace
from flows.operations.actor import Actor
from flows.operations.administering import administrator
from flows.operations.credentials import create_credential
from flows.operations.drafts import save_draft
from flows.operations.environments import change_environment
from flows.operations.flows import create_flow
from flows.operations.publishing import publish
from flows.operations.releases import end_canary, release, start_canary, take_out
from tests.admin.test_roll_back import document, person
from tests.cast import Person, with_nodes
from tests.operations.test_environments import CALL, START, with_call

pytestmark = pytest.mark.django_db

ASKED = {"steps": "5, 25 100 %", "error_rate": "2.9", "expression": "{{ run.output.total > 0 }}", "min_runs": "7"}


@pytest.fixture
def shop() -> Workspace:
    return Workspace.objects.create(slug="shop", name="Shop")


@pytest.fixture
def three(shop: Workspace) -> Flow:
    """Three versions, of which the second is live."""
    editor = Actor(user=None, name="editor", workspace=shop.pk, role="admin")
    made = create_flow(editor, name="Orders", document=document("Hello"))
    publish(editor, made.pk)
    for revision, label in enumerate(("Good day", "Good <b>night</b>"), start=1):
        save_draft(editor, made.pk, document=document(label), revision=revision)
        publish(editor, made.pk, release=revision == 1)
    return made


@pytest.fixture
def owner(client: Client, shop: Workspace) -> Actor:
    """An admin of the shop, who has signed in."""
    user = person("owner", shop, "admin")
    client.force_login(user)
    return administrator(user.pk, shop.pk)


def address(flow: Flow, rest: str) -> str:
    return f"/admin/flows/flow/{flow.pk}/{rest}"


def page(client: Client, flow: Flow, rest: str = "change/", **asked: Any) -> str:
    return client.get(address(flow, rest), **asked).content.decode()


def live(flow: Flow) -> Release:
    found = Flow.objects.get(pk=flow.pk).live
    assert found is not None
    return found


def test_a_newer_version_is_released_and_an_older_one_rolled_back_to(client: Client, owner: Actor, three: Flow) -> None:
    listed = page(client, three)
    assert "Release v3" in listed
    assert "Roll back to v3" not in listed
    assert "Roll back to v1" in listed
    for number, said, kind in ((3, "Release v3", "publish"), (1, "Roll back to v1", "rollback")):
        asked = page(client, three, f"roll-back/{number}/")
        assert f"{said}</h2>" in asked
        assert f"{said}</button>" in asked
        client.post(address(three, f"roll-back/{number}/"), {"reason": "so"})
        assert (live(three).kind, live(three).version.number, live(three).reason) == (kind, number, "so")
    assert "Release v3 in production" in page(client, three), "the version before is the newer one"


def test_what_was_taken_out_is_released_again(client: Client, owner: Actor, three: Flow) -> None:
    start_canary(owner, three.pk, version=3, weight=5, guards={})
    take_out(owner, three.pk, environment="production")
    listed = page(client, three)
    assert "Release v1" in listed
    for gone in ("Roll back to", "Try v", "End the canary"):
        assert gone not in listed
    assert client.get(address(three, "canary/3/")).status_code == 404
    assert "v3 is not tried any more." in page(client, three, "canary/3/end/", follow=True)
    asked = page(client, three, "roll-back/2/")
    assert "Release v2</h2>" in asked
    assert "Nothing of <b>Orders</b> is live there now." in asked
    assert client.get(address(three, "roll-back/9/")).status_code == 404
    client.post(address(three, "roll-back/2/"), {"reason": "again"})
    assert (live(three).kind, live(three).version.number, live(three).canary) == ("publish", 2, None)


def test_a_canary_begins_as_people_write_it(client: Client, owner: Actor, three: Flow) -> None:
    assert address(three, "canary/3/") in page(client, three)
    asked = page(client, three, "canary/3/")
    assert "Try v3 as a canary in production</h2>" in asked
    assert "&lt;b&gt;" in asked
    assert "<b>night" not in asked
    answer = client.post(address(three, "canary/3/"), {**ASKED, "reason": "carefully"})
    assert answer.status_code == 302
    made = live(three)
    assert (made.kind, made.version.number, made.canary_weight, made.reason) == ("canary", 2, 5, "carefully")
    assert made.canary is not None
    assert (made.canary.number, made.steps, made.author_id) == (3, [5, 25, 100], owner.user)
    assert made.guards == {"error_rate": 0.029, "expression": ASKED["expression"], "min_runs": 7}
    entry = AuditEntry.objects.get(verb="released (canary)")
    assert (entry.actor, entry.details["reason"]) == ("owner", "carefully")
    listed = page(client, three)
    assert address(three, "canary/3/end/") in listed
    assert address(three, "canary/3/") + '"' not in listed, "what is tried is not tried anew"
    assert "It takes the place of the canary of v3." in page(client, three, "canary/1/")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"steps": "5, ten"}, "Write whole percentages with commas between them"),
        ({"steps": "25, 5"}, "each step is larger than the one before"),
        ({"steps": "5, 101"}, "from 1 to 100"),
        ({"steps": "", "weight": ""}, "say the weight, or the steps to take"),
        ({"weight": "101"}, "less than or equal to 100"),
        ({"error_rate": "1e999"}, "no more than"),
        ({"expression": "{{ len(run.output) }}"}, "call nothing"),
    ],
)
def test_what_can_not_be_is_said_beside_what_was_typed(
    client: Client, owner: Actor, three: Flow, asked: dict[str, str], said: str
) -> None:
    answer = client.post(address(three, "canary/3/"), {**ASKED, "reason": "kept words", **asked})
    assert answer.status_code == 200
    shown = answer.content.decode()
    assert said in shown
    assert "kept words" in shown
    assert live(three).kind == "publish"


@pytest.mark.parametrize("end", [("release", "publish", 3), ("back", "end_canary", 2)], ids=["to all", "back"])
def test_a_canary_ends_either_way(client: Client, owner: Actor, three: Flow, end: tuple[str, str, int]) -> None:
    verb, kind, number = end
    start_canary(owner, three.pk, version=3, weight=5, guards={"error_rate": 0.05})
    asked = page(client, three, "canary/3/end/")
    for said in ("End the canary of v3 in production</h2>", "Release v3 to everyone", "Back to v2 for everyone", "5 %"):
        assert said in asked
    client.post(address(three, "canary/3/end/"), {"reason": "seen enough", verb: "yes"})
    made = live(three)
    assert (made.kind, made.version.number, made.canary, made.reason) == (kind, number, None, "seen enough")
    assert AuditEntry.objects.filter(verb=f"released ({kind})", details__reason="seen enough").exists()


def test_what_a_guard_took_back_meanwhile_is_not_released(client: Client, owner: Actor, three: Flow) -> None:
    start_canary(owner, three.pk, version=3, weight=5, guards={})
    end_canary(owner, three.pk, kind=Release.Kind.GUARD, reason="errors 80 % are over 5 % after 5 runs")
    for verb in ("release", "back"):
        answer = client.post(address(three, "canary/3/end/"), {"reason": "", verb: "yes"}, follow=True)
        assert "There is no such canary." in answer.content.decode()
    assert (live(three).kind, live(three).version.number) == ("guard", 2)
    assert "v3 is not tried any more." in page(client, three, "canary/3/end/", follow=True)
    start_canary(owner, three.pk, version=1, weight=5, guards={})
    client.post(address(three, "canary/3/end/"), {"reason": "", "back": "yes"})
    assert live(three).kind == "canary", "that of another version goes on"


def test_another_environment_has_a_canary_of_its_own(client: Client, owner: Actor, three: Flow) -> None:
    release(owner, three.pk, version=1, environment="staging")
    begin, end = (address(three, f"canary/3/{rest}?environment=staging") for rest in ("", "end/"))
    assert "in staging</h2>" in client.get(begin).content.decode()
    client.post(begin, ASKED)
    assert live(three).kind == "publish"
    assert end in page(client, three)
    client.post(end, {"reason": "", "release": "yes"})
    newest = three.releases.filter(environment__name="staging").order_by("-pk").first()
    assert newest is not None
    assert (newest.kind, newest.version.number) == ("publish", 3)
    assert live(three).version.number == 2


def test_what_needs_a_second_person_is_said_and_not_begun(client: Client, owner: Actor, three: Flow) -> None:
    change_environment(owner, "production", needs_second=True)
    answer = client.post(address(three, "canary/3/"), ASKED)
    assert "was never live in production" in answer.content.decode()
    assert live(three).kind == "publish"


def test_what_would_refuse_a_canary_is_told_before_it_is_begun(client: Client, owner: Actor, three: Flow) -> None:
    assert ">Begin</button>" in page(client, three, "canary/3/")
    needs = with_nodes(START, CALL, settings={"vars": {"base": "http://here"}})
    create_credential(owner, name="payments", kind="http", values={"scheme": "bearer", "token": "t"})
    save_draft(owner, three.pk, document=needs, revision=3)
    publish(owner, three.pk, release=False)
    Credential.objects.all().delete()
    change_environment(owner, "production", needs_second=True)
    asked = page(client, three, "canary/4/")
    assert "It can&#x27;t be tried there:" in asked or "It can't be tried there:" in asked
    assert "Version 4 was never live in production, which asks for a second pair of eyes. Propose it;" in asked
    assert "no credential payments in this workspace for production to use" in asked
    assert ">Begin</button>" not in asked
    assert 'name="error_rate"' not in asked, "nothing is asked of whoever can't begin"


def test_who_is_no_admin_there_begins_and_ends_nothing(client: Client, owner: Actor, three: Flow) -> None:
    elsewhere = Workspace.objects.create(slug="elsewhere", name="Elsewhere")
    for user in (
        person("stranger", elsewhere, "admin"),
        person("editor", Workspace.objects.get(slug="shop"), "editor"),
    ):
        client.force_login(User.objects.get(pk=user.pk))
        assert client.post(address(three, "canary/3/"), ASKED).status_code in (403, 404)
        start_canary(owner, three.pk, version=3, weight=5, guards={})
        assert client.post(address(three, "canary/3/end/"), {"back": "yes"}).status_code in (403, 404)
        assert live(three).kind == "canary"
        end_canary(owner, three.pk)


@pytest.mark.parametrize("rest", ["canary/2/", "canary/9/", "canary/3/?environment=nowhere"])
def test_a_page_about_what_can_not_be_tried_is_not_there(client: Client, owner: Actor, three: Flow, rest: str) -> None:
    assert client.get(address(three, rest)).status_code == 404


def test_the_pages_are_in_korean(client: Client, owner: Actor, three: Flow) -> None:
    korean = {"headers": {"Accept-Language": "ko"}}
    assert "v3 릴리스" in page(client, three, **korean)
    assert "production에서 v3 버전을 카나리로 시험하기</h2>" in page(client, three, "canary/3/", **korean)
    start_canary(owner, three.pk, version=3, weight=5, guards={})
    shown = page(client, three, "canary/3/end/", **korean)
    assert "production에서 v3 카나리 끝내기</h2>" in shown
    assert "모두 v3 버전으로 릴리스" in shown


def test_a_credential_that_is_gone_is_told_before_what_was_live_comes_back_and_refuses_what_never_was(
    client: Client, owner: Actor
) -> None:
    made = with_call(Person(actor=owner, token=""), base="http://here")
    for revision, base in enumerate(("http://there", "http://elsewhere"), start=1):
        save_draft(
            owner, made.pk, document=with_nodes(START, CALL, settings={"vars": {"base": base}}), revision=revision
        )
        publish(owner, made.pk, release=revision == 1)
    Credential.objects.filter(name="payments").delete()
    older, newer = page(client, made, "roll-back/1/"), page(client, made, "roll-back/3/")
    assert "ask for credentials that are not there: payments." in older
    assert "Roll back to v1</button>" in older
    assert "There is no credential payments in this workspace for production to use." in newer
    assert "Release v3</button>" not in newer
    refused = client.post(address(made, "roll-back/3/"), {"reason": ""}, follow=True).content.decode()
    assert "There is no credential payments in this workspace for production to use." in refused
    assert live(made).version.number == 2
    client.post(address(made, "roll-back/1/"), {"reason": "now"})
    assert (live(made).version.number, live(made).kind) == (1, "rollback")
    again = page(client, made, "roll-back/2/")
    assert "ask for credentials that are not there: payments." in again, "it was live before"
    assert "Release v2</button>" in again
    save_draft(owner, made.pk, document=with_nodes(START), revision=3)
    publish(owner, made.pk)
    skipped = page(client, made, "roll-back/3/")
    assert "Roll back to v3</h2>" in skipped
    assert "There is no credential payments in this workspace for production to use." in skipped
    assert "Roll back to v3</button>" not in skipped, "it is older than the live one, and was never live"


def test_what_was_taken_out_comes_back_although_its_credential_is_gone(client: Client, owner: Actor) -> None:
    made = with_call(Person(actor=owner, token=""), base="http://here")
    take_out(owner, made.pk, environment="production")
    Credential.objects.filter(name="payments").delete()
    assert "ask for credentials that are not there: payments." in page(client, made, "roll-back/1/")
    client.post(address(made, "roll-back/1/"), {"reason": "it is needed after all"})
    assert (live(made).version.number, live(made).kind) == (1, "publish")


def test_a_page_that_is_sent_twice_begins_once(client: Client, owner: Actor, three: Flow) -> None:
    seen = re.search(r'name="seen" value="([0-9a-f-]+)"', page(client, three, "canary/3/"))
    assert seen is not None
    for said in ("v3 is tried in production now.", "Something else was released in production since"):
        answer = client.post(address(three, "canary/3/"), {**ASKED, "seen": seen[1]}, follow=True)
        assert said in answer.content.decode()
    assert three.releases.filter(kind="canary").count() == 1


def first_button(shown: str) -> str:
    """What Enter in a field of the page's form presses."""
    found = re.search(r'<form method="post".*?(<button[^>]*>)', shown, re.DOTALL)
    assert found is not None
    return found[1]


def test_enter_in_the_reason_takes_neither_of_two_ways(client: Client, owner: Actor, three: Flow) -> None:
    assert 'name="begin"' in first_button(page(client, three, "canary/3/"))
    start_canary(owner, three.pk, version=3, weight=5, guards={})
    ending = page(client, three, "canary/3/end/")
    assert first_button(ending[ending.index("End the canary of v3") :]) == '<button type="submit" disabled hidden>'
