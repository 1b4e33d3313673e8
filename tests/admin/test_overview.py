"""The admin's first page says how things stand, of one's own workspaces alone; a version's page what it changed."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from flows.models import Alert, Flow, Membership, Run, Version, Workspace
from flows.operations.actor import Actor
from flows.operations.drafts import save_draft
from flows.operations.flows import create_flow
from flows.operations.publishing import publish
from flows.operations.releases import take_out
from flows.operations.starting import start

pytestmark = pytest.mark.django_db


def document(label: str) -> dict[str, Any]:
    return {
        "dsl": 1,
        "nodes": [{"id": "start", "type": "trigger.manual"}, {"id": "say", "type": "log", "label": label}],
        "edges": [{"from": "start", "to": "say"}],
    }


def shop(slug: str, flow: str) -> Workspace:
    """A workspace with a flow of two versions, a failed run and an alert."""
    workspace = Workspace.objects.create(slug=slug, name=slug)
    editor = Actor(user=None, name="editor", workspace=workspace.pk, role="admin")
    made = create_flow(editor, name=flow, document=document("Hello"))
    publish(editor, made.pk, note="first")
    save_draft(editor, made.pk, document=document("<b>Good day</b>"), revision=1)
    publish(editor, made.pk, note="second")
    run = start(editor, made.pk, input={}).run.id
    Run.objects.filter(pk=run).update(status="failed")
    Alert.objects.create(workspace=workspace, code="critical", message=f"Look at {flow}")
    return workspace


def reader(client: Client, workspace: Workspace, role: str) -> None:
    user = User.objects.create_user("kim", password="correct horse", is_staff=True)
    Membership.objects.create(workspace=workspace, user=user, role=role)
    client.force_login(user)


def test_the_first_page_tells_of_ones_own_workspaces_and_of_no_other(client: Client) -> None:
    own = shop("own", "Orders")
    shop("other", "Secret plan")
    reader(client, own, "admin")
    page = client.get("/admin/").content.decode()
    assert "Look at Orders" in page
    assert "v1 → v2" in page
    assert "Secret plan" not in page


def test_the_figures_say_that_they_are_of_published_versions_and_count_no_trial_of_a_draft(client: Client) -> None:
    own = shop("own", "Orders")
    Run.objects.filter(workspace=own).update(is_test=True)
    reader(client, own, "admin")
    assert "Of the newest 0 runs of published versions" in client.get("/admin/").content.decode()


def test_a_flow_that_was_taken_out_is_live_in_no_version(client: Client) -> None:
    own = shop("own", "Orders")
    reader(client, own, "admin")
    flow = Flow.objects.get(name="Orders")
    take_out(Actor(user=None, name="editor", workspace=own.pk, role="admin"), flow.pk, environment="production")
    assert "v2 → –" in client.get("/admin/").content.decode()


def test_who_administers_nothing_finds_no_entry_of_flows(client: Client) -> None:
    own = shop("own", "Orders")
    reader(client, own, "editor")
    page = client.get("/admin/").content.decode()
    assert "Orders" not in page
    assert reverse("admin:flows_flow_changelist") not in page


def test_an_admin_finds_every_page_there_is_in_the_navigation(client: Client) -> None:
    reader(client, shop("own", "Orders"), "admin")
    page = client.get("/admin/").content.decode()
    names = [model._meta.model_name for model in admin.site._registry if model._meta.app_label == "flows"]
    assert "version" in names
    assert [name for name in names if f'href="{reverse(f"admin:flows_{name}_changelist")}"' not in page] == []
    assert reverse("admin:auth_user_changelist") not in page


def test_a_versions_page_says_what_it_changed_and_shows_its_document_as_text(admin_client: Client) -> None:
    shop("own", "Orders")
    first, second = Version.objects.order_by("number")
    page = admin_client.get(reverse("admin:flows_version_change", args=[second.pk])).content.decode()
    assert "What changed since v1" in page
    assert second.hash in page
    assert "&lt;b&gt;Good day" in page
    assert "<b>Good day" not in page
    begun = admin_client.get(reverse("admin:flows_version_change", args=[first.pk])).content.decode()
    assert "What changed since" not in begun
