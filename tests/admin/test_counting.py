"""The foot of a list says how many rows it has, as the reader's language counts them."""

import re
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from flows.models import Workspace

pytestmark = pytest.mark.django_db


def foot(client: Client, model: Any, language: str) -> str:
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    page = client.get(address, headers={"Accept-Language": language}).content.decode()
    found = re.search(r'<div class="py-4">\s*(.*?)\s*</div>', page, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model.__name__)
def test_a_list_in_korean_names_its_rows_before_it_counts_them(admin_client: Client, model: Any) -> None:
    Workspace.objects.create(slug="shop", name="Shop")
    assert re.fullmatch(r"[가-힣 ]+ \d+[건명]", foot(admin_client, model, "ko"))


def test_one_row_is_told_from_several_and_people_from_things(admin_client: Client) -> None:
    Workspace.objects.create(slug="shop", name="Shop")
    assert [foot(admin_client, model, "en") for model in (User, Workspace)] == ["1 user", "1 workspace"]
    assert [foot(admin_client, model, "ko") for model in (User, Workspace)] == ["사용자 1명", "작업 공간 1건"]
    User.objects.create_user("kim")
    assert [foot(admin_client, User, language) for language in ("en", "ko")] == ["2 users", "사용자 2명"]
