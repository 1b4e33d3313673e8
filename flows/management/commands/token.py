"""`manage.py token create USER [--scope …]`: prints a token and nothing else."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from flows.errors import MulgilError
from flows.management.asked import text_asked
from flows.operations.signing_in import actor_of_session
from flows.operations.tokens import create_token


class Command(BaseCommand):
    help = "Makes a token for a user; it is shown once and belongs to one workspace."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        create = verbs.add_parser("create", help="print a new token")
        create.add_argument("user", type=text_asked, help="the user's name")
        create.add_argument("--scope", action="append", default=[], help="narrow it, e.g. runs:start; may be repeated")
        create.add_argument("--workspace", default="", help="id or address of the workspace; else the one last used")
        create.add_argument("--name", type=text_asked, default="command line", help="what it is for")
        create.add_argument("--days", type=int, help="how long it lives; for ever without")

    def handle(self, *args: Any, **options: Any) -> None:
        user = get_user_model().objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError(f"There is no user {options['user']}.")
        try:
            actor = actor_of_session(user.pk, workspace=options["workspace"] or None)
            made = create_token(actor, name=options["name"], scopes=options["scope"], days=options["days"])
        except MulgilError as error:
            raise CommandError(error.message) from None
        self.stdout.write(made.secret)
