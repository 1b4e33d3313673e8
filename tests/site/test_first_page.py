"""The first page: sign-in without a session, the editor with one."""

import pytest
from django.contrib.auth.models import User
from django.test import Client


@pytest.mark.django_db
def test_a_user_can_be_made() -> None:
    User.objects.create_user("ada", password="a long enough one")
    assert Client().login(username="ada", password="a long enough one")
