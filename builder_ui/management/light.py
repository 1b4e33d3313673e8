"""Commands that need no Django, so that Django's own list and `call_command`'s users find them too.

Decides: nothing; the module that builder_ui.commandline names does the work and reads the arguments.
"""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from builder_ui.commandline import main


class LightCommand(BaseCommand):
    """Hands its whole command line on."""

    requires_system_checks = ()

    def run_from_argv(self, argv: list[str]) -> None:
        """Run as `manage.py` would."""
        sys.exit(main(argv))

    def handle(self, *args: Any, **options: Any) -> None:
        """Run without arguments, as `call_command` does."""
        name = type(self).__module__.rpartition(".")[2]
        sys.exit(main(["manage.py", name, *args]))
