"""`manage.py first_admin`: the first user, an admin of the first workspace; does nothing when anyone exists."""

import os
import secrets
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand
from django.db import transaction

from flows.operations.workspaces import create_workspace

NAME = "admin"
WORKSPACE = "Home"


class Command(BaseCommand):
    help = "Makes the first admin and workspace; takes MULGIL_ADMIN_PASSWORD, else prints a password once."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        users = get_user_model().objects
        if users.exists():
            self.stdout.write("There are users already; nothing was done.")
            return
        given = os.environ.get("MULGIL_ADMIN_PASSWORD", "").strip()
        password = given or secrets.token_urlsafe(12)
        admin = users.create_superuser(NAME, password=password)
        create_workspace(admin.pk, name=WORKSPACE)
        self.stdout.write(f"\n  First admin:  {NAME}\n  Password:     {_shown(given, password)}\n")


def _shown(given: str, password: str) -> str:
    return (
        "the one in MULGIL_ADMIN_PASSWORD" if given else f"{password}   (shown this once; change it after signing in)"
    )
