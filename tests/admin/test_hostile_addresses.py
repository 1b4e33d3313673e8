"""Hostile values in addresses of the admin, and versions where they don't belong: a page, a way back or nothing there."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from flows.models import Flow, Release
from flows.operations.drafts import save_draft
from flows.operations.flows import archive_flow
from flows.operations.publishing import publish
from tests.cast import CHAIN, Person, flow

pytestmark = pytest.mark.django_db(transaction=True)

SHOWN = [page for model, page in admin.site._registry.items() if model._meta.app_label == "flows"]


@pytest.fixture
def root(client: Client, admin: Person) -> Client:
    client.force_login(User.objects.create_superuser("root", "root@mulgil.example", "pw"))
    client.raise_request_exception = False
    return client


def test_behind_a_filter_with_what_no_column_holds_there_is_nothing(root: Client) -> None:
    told = {
        f"{page.model._meta.model_name}.{name}": root.get(
            reverse(f"admin:flows_{page.model._meta.model_name}_changelist"), {f"{name}__exact": "a\0b"}
        ).status_code
        for page in SHOWN
        for name in page.list_filter
    }
    assert {where: status for where, status in told.items() if status not in (302, 404)} == {}
    assert told["approval.outcome"] == 404


def test_a_version_of_another_flow_or_of_an_archived_one_is_made_live_by_no_page(root: Client, editor: Person) -> None:
    made, other = flow(editor.actor), flow(editor.actor, name="Other")
    for number in (2, 3):
        save_draft(editor.actor, other.pk, document=CHAIN | {"description": str(number)}, revision=number - 1)
        publish(editor.actor, other.pk)
    stood, said = Release.objects.count(), {"reason": "", "steps": "", "weight": "5", "version": "3"}

    def asked(of: Flow, page: str) -> int:
        return root.post(f"{reverse('admin:flows_flow_changelist')}{of.pk}/{page}", said).status_code

    assert [asked(made, page) for page in ("roll-back/3/", "canary/3/", f"roll-back/{2**64}/")] == [302, 404, 302]
    archive_flow(editor.actor, other.pk)
    assert all(asked(other, page) < 500 for page in ("roll-back/1/", "canary/1/", "promote/staging/"))
    assert Release.objects.count() == stood
