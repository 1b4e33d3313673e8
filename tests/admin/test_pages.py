"""Every page of the admin opens, shows no secret, and offers nothing that the operations should do."""

import re
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.utils import label_for_field
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from flows.admin.run import LOOK
from flows.models import Credential, Workspace
from flows.models.run import Status

pytestmark = pytest.mark.django_db

SHOWN = [model for model in admin.site._registry if model._meta.app_label == "flows"]


@pytest.mark.parametrize("model", SHOWN, ids=lambda model: model.__name__)
def test_a_list_opens_and_nothing_can_be_added(admin_client: Client, model: type[Model]) -> None:
    Workspace.objects.create(slug="shop", name="Shop")
    name = f"admin:flows_{model._meta.model_name}"
    assert admin_client.get(reverse(f"{name}_changelist")).status_code == 200
    assert admin_client.get(reverse(f"{name}_add")).status_code == 403


@pytest.mark.parametrize("model", SHOWN, ids=lambda model: model.__name__)
def test_every_column_and_field_has_a_korean_name(model: Any) -> None:
    page = admin.site.get_model_admin(model)
    names = dict.fromkeys([*page.list_display, *(page.fields or ())])
    with override("ko"):
        labels = {name: str(label_for_field(name, model, page)) for name in names}
    assert [name for name, label in labels.items() if not re.search("[가-힣]", label)] == []


def test_every_status_of_a_run_has_a_look_without_which_its_bare_name_is_shown() -> None:
    assert set(LOOK) == set(Status)


def test_the_pages_of_django_q2_are_not_there(admin_client: Client) -> None:
    assert not [model for model in admin.site._registry if model._meta.app_label == "django_q"]
    assert admin_client.get("/admin/django_q/schedule/").status_code == 404


def test_a_credential_shows_its_hosts_and_never_its_value(admin_client: Client) -> None:
    workspace = Workspace.objects.create(slug="shop", name="Shop")
    kept = Credential.objects.create(
        workspace=workspace, name="payments", kind="bearer", hosts=["pay.example"], secret=b"sealed-bytes"
    )
    page = admin_client.get(reverse("admin:flows_credential_change", args=[kept.pk])).content.decode()
    assert "pay.example" in page
    assert "sealed" not in page


@pytest.mark.parametrize("text", ["-" * 36, "nothing", "a%00", "0199b0a0-0000-7000-8000-000000000000"])
def test_a_run_is_looked_for_by_whatever_is_typed(admin_client: Client, text: str) -> None:
    Workspace.objects.create(slug="shop", name="Shop")
    assert admin_client.get(f"{reverse('admin:flows_run_changelist')}?q={text}").status_code == 200
