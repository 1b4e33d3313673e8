"""What stands around the pages of the admin, in their heads and at their feet, says and offers only what is so."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from flows.models import Workspace

pytestmark = pytest.mark.django_db

LIST = "/admin/flows/workspace/"


def shown(client: Client, address: str, language: str = "en") -> str:
    return client.get(address, headers={"Accept-Language": language}).content.decode()


def test_a_list_says_how_much_was_found_only_where_something_was_looked_for(admin_client: Client) -> None:
    Workspace.objects.create(slug="shop", name="Shop")
    assert "Show all" not in shown(admin_client, LIST)
    assert re.search(r"0 results\s*\(<a[^>]*>Show all</a>\)", shown(admin_client, f"{LIST}?q=nothing"))


def test_only_what_is_changed_in_the_admin_itself_leads_to_a_history_of_it(
    admin_client: Client, admin_user: User
) -> None:
    shop = Workspace.objects.create(slug="shop", name="Shop")
    row, user = (
        reverse(f"admin:{name}_change", args=[pk])
        for name, pk in (("flows_workspace", shop.pk), ("auth_user", admin_user.pk))
    )
    assert row.replace("change", "history") not in shown(admin_client, row)
    assert user.replace("change", "history") in shown(admin_client, user)


def test_the_buttons_of_a_form_are_named_as_koreans_name_them(admin_client: Client, admin_user: User) -> None:
    page = shown(admin_client, reverse("admin:auth_user_change", args=[admin_user.pk]), "ko")
    foot = page.partition('id="submit-row"')[2].partition("<script")[0]
    words = [text.strip() for text in re.findall(r">([^<>]*[가-힣][^<>]*)<", foot)]
    assert words == ["저장", "저장하고 계속 편집", "저장하고 하나 더 추가", "삭제"]
