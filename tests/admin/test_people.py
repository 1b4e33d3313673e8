"""The pages of users and groups offer the permissions that some page asks for, in the reader's words, and take none away by themselves."""

import re
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse

from flows.models import Run

pytestmark = pytest.mark.django_db


def offered(client: Client, address: str, language: str = "en") -> dict[str, bool]:
    """The permissions that a form shows, by name; whether each is chosen."""
    page = client.get(address, headers={"Accept-Language": language}).content.decode()
    select = re.search(r'<select name="(?:user_)?permissions".*?</select>', page, re.DOTALL)
    assert select is not None
    options = re.findall(r"<option([^>]*)>(.*?)</option>", select[0], re.DOTALL)
    return {unescape(name.strip()): "selected" in rest for rest, name in options}


@pytest.mark.parametrize(("language", "named"), [("en", "Change: user"), ("ko", "사용자 변경")])
def test_the_permissions_offered_are_those_of_users_and_groups_in_the_readers_language(
    admin_client: Client, admin_user: User, language: str, named: str
) -> None:
    for address in (reverse("admin:auth_user_change", args=[admin_user.pk]), reverse("admin:auth_group_add")):
        names = offered(admin_client, address, language)
        assert len(names) == 8
        assert named in names
        assert not any(names.values())


def answers(client: Client, address: str) -> dict[str, Any]:
    """What the form on this page would send, untouched."""
    form = client.get(address).context["adminform"].form
    return {one.html_name: one.value() for one in form if one.value() not in (None, False)}


def test_what_was_granted_before_is_shown_and_stays_when_a_form_is_saved(admin_client: Client) -> None:
    granted = Permission.objects.get(codename="change_run", content_type__app_label=Run._meta.app_label)
    user, group = User.objects.create_user("kim"), Group.objects.create(name="Operators")
    user.user_permissions.add(granted)
    group.permissions.add(granted)
    for one, kept in ((user, user.user_permissions), (group, group.permissions)):
        address = reverse(f"admin:auth_{one._meta.model_name}_change", args=[one.pk])
        assert offered(admin_client, address)["Change: run"]
        sent = {name: value for name, value in answers(admin_client, address).items() if name != "date_joined"}
        sent["permissions" if one is group else "user_permissions"] = [granted.pk]
        if one is user:
            sent |= {"date_joined_0": "2026-01-02", "date_joined_1": "03:04:05"}
        assert admin_client.post(address, sent).status_code == 302
        assert list(kept.all()) == [granted]
