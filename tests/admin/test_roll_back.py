"""The Django admin's one button that matters: roll back, with the difference before the yes."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from flows.models import Flow, Membership, Workspace
from flows.operations.actor import Actor
from flows.operations.drafts import save_draft
from flows.operations.flows import create_flow, find_flow
from flows.operations.publishing import publish

pytestmark = pytest.mark.django_db


def document(label: str) -> dict[str, Any]:
    return {
        "dsl": 1,
        "nodes": [{"id": "start", "type": "trigger.manual"}, {"id": "say", "type": "log", "label": label}],
        "edges": [{"from": "start", "to": "say"}],
    }


@pytest.fixture
def workspace() -> Workspace:
    return Workspace.objects.create(slug="shop", name="Shop")


def person(name: str, workspace: Workspace, role: str, *, staff: bool = True) -> User:
    user = User.objects.create_user(name, password="correct horse", is_staff=staff)
    Membership.objects.create(workspace=workspace, user=user, role=role)
    return user


@pytest.fixture
def flow(workspace: Workspace) -> Flow:
    """A flow with two versions, the second live."""
    editor = Actor(user=None, name="editor", workspace=workspace.pk, role="admin")
    made = create_flow(editor, name="Orders", document=document("Hello"))
    publish(editor, made.pk, note="first")
    save_draft(editor, made.pk, document=document("Good day"), revision=1)
    publish(editor, made.pk, note="second")
    return find_flow(editor, made.pk)


def live_number(flow: Flow) -> int:
    live = Flow.objects.get(pk=flow.pk).live
    assert live is not None
    return live.version.number


def address(flow: Flow, number: int) -> str:
    return f"/admin/flows/flow/{flow.pk}/roll-back/{number}/"


def test_an_admin_finds_the_way_back_beside_every_version_but_the_live_one(
    client: Client, workspace: Workspace, flow: Flow
) -> None:
    client.force_login(person("owner", workspace, "admin"))
    page = client.get(f"/admin/flows/flow/{flow.pk}/change/").content.decode()
    assert "Roll back to v1" in page
    assert "Roll back to v2" not in page


def test_the_difference_stands_on_the_page_that_asks(client: Client, workspace: Workspace, flow: Flow) -> None:
    client.force_login(person("owner", workspace, "admin"))
    page = client.get(address(flow, 1)).content.decode()
    assert "Hello" in page
    assert "Good day" in page
    assert live_number(flow) == 2


def test_of_an_expression_the_tokens_that_differ_are_marked_and_layout_comes_last(
    client: Client, workspace: Workspace
) -> None:
    actor = Actor(user=None, name="editor", workspace=workspace.pk, role="admin")
    made = create_flow(actor, name="Orders", document=document("{{ a > 1 }} <b>"))
    publish(actor, made.pk)
    changed = document("{{ a > 20 }} <b>")
    changed["nodes"].reverse()
    changed["nodes"][0]["position"] = {"x": 1, "y": 2}
    save_draft(actor, made.pk, document=changed, revision=1)
    publish(actor, made.pk)
    client.force_login(person("owner", workspace, "admin"))
    page = client.get(address(made, 1)).content.decode()
    assert re.search(r"{{ a &gt; <ins [^>]+>1</ins> }} &lt;b&gt;", page)
    assert re.search(r"{{ a &gt; <del [^>]+>20</del> }} &lt;b&gt;", page)
    assert page.index("label of node say") < page.index("Layout alone:") < page.index("Node say was moved")


def test_a_yes_rolls_back_and_keeps_the_reason(client: Client, workspace: Workspace, flow: Flow) -> None:
    client.force_login(person("owner", workspace, "admin"))
    answer = client.post(address(flow, 1), {"reason": "the greeting was too stiff"})
    assert answer.status_code == 302
    assert live_number(flow) == 1
    newest = flow.releases.order_by("-pk").first()
    assert newest is not None
    assert newest.reason == "the greeting was too stiff"
    assert newest.author is not None
    assert newest.author.get_username() == "owner"


def test_a_version_that_does_not_exist_is_not_found(client: Client, workspace: Workspace, flow: Flow) -> None:
    client.force_login(person("owner", workspace, "admin"))
    assert client.get(address(flow, 9)).status_code == 404


def test_an_admin_of_another_workspace_sees_and_changes_nothing(client: Client, flow: Flow) -> None:
    elsewhere = Workspace.objects.create(slug="elsewhere", name="Elsewhere")
    client.force_login(person("stranger", elsewhere, "admin"))
    assert client.post(address(flow, 1), {"reason": ""}).status_code in (302, 404)
    assert live_number(flow) == 2
    assert "Orders" not in client.get("/admin/flows/flow/").content.decode()


def test_an_editor_who_is_no_admin_is_kept_out(client: Client, workspace: Workspace, flow: Flow) -> None:
    client.force_login(person("editor", workspace, "editor"))
    assert client.get("/admin/flows/flow/").status_code == 403
    assert client.post(address(flow, 1)).status_code in (302, 403, 404)
    assert live_number(flow) == 2


def test_what_a_label_holds_is_shown_as_text(client: Client, workspace: Workspace) -> None:
    actor = Actor(user=None, name="editor", workspace=workspace.pk, role="admin")
    made = create_flow(actor, name="<img src=x onerror=alert(1)>", document=document("<script>alert(1)</script>"))
    publish(actor, made.pk)
    save_draft(actor, made.pk, document=document("<b>bold</b>"), revision=1)
    publish(actor, made.pk)
    client.force_login(person("owner", workspace, "admin"))
    page = client.get(address(made, 1)).content.decode()
    assert "<script>alert(1)</script>" not in page
    assert "<b>bold</b>" not in page
    assert "<img src=x" not in page


def test_a_pruned_version_says_so_and_offers_no_way_back(client: Client, workspace: Workspace, flow: Flow) -> None:
    client.force_login(person("owner", workspace, "admin"))
    first = flow.versions.get(number=1)
    first.pruned_at, first.document = timezone.now(), ""
    first.save(update_fields=["pruned_at", "document"])
    page = client.get(f"/admin/flows/flow/{flow.pk}/change/").content.decode()
    assert "pruned" in page
    assert address(flow, 1) not in page
    assert client.get(address(flow, 1)).status_code == 404
    for version in flow.versions.all():
        page = client.get(f"/admin/flows/version/{version.pk}/change/").content.decode()
        assert ("the document is gone" in page) == (version.number == 1)
