"""Django's command line, whose commands all tell of `--data`.

Decides: nothing else. The option itself is read before Django is loaded (builder_ui.folder_option), for the settings
depend on it.
"""

from collections.abc import Sequence
from typing import Any

from django.core.management import ManagementUtility
from django.core.management.base import BaseCommand, CommandParser

from builder_ui.folder_option import offer_folder


def execute(arguments: Sequence[str]) -> None:
    """Run the command that `arguments` name, the program first."""
    _Line(list(arguments)).execute()


class _Line(ManagementUtility):
    def fetch_command(self, subcommand: str) -> BaseCommand:
        """As ever; its parser has one option more."""
        command = super().fetch_command(subcommand)
        own = command.create_parser

        def with_folder(*given: Any, **more: Any) -> CommandParser:
            parser = own(*given, **more)
            offer_folder(parser)
            return parser

        command.create_parser = with_folder  # type: ignore[method-assign]  # of this one command
        return command
