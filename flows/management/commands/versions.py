"""`manage.py versions prune`: what policies of keeping versions take, as the worker hosts do every hour; or what they would."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from flows.operations.pruning import prune, would_be_pruned


class Command(BaseCommand):
    help = "Takes the documents of versions that no policy keeps; their numbers, hashes, names and authors stay."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        pruned = verbs.add_parser(
            "prune", help="close what is past its policy, and take the texts of what was closed before"
        )
        pruned.add_argument("--dry-run", action="store_true", help="say what would go, alone")

    def handle(self, *args: Any, **options: Any) -> None:
        is_dry = options["dry_run"]
        gone = would_be_pruned() if is_dry else prune()
        for one in gone:
            self.stdout.write(f"{one.name} ({one.flow}): {', '.join(f'v{number}' for number in one.numbers)}")
        count = sum(len(one.numbers) for one in gone)
        self.stdout.write(f"{count} versions {'would be' if is_dry else 'were'} pruned")
