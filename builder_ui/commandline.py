"""Where a command goes: to a part that needs no Django, or to Django.

Decides: which commands start without Django (they must be quick, or must run before anything is installed),
and how a failure of the surroundings is told: one sentence on stderr and an exit code. Every command finds its data
folder by `--data DIR` as by MULGIL_DATA. Refuses to know what the commands do; `LIGHT` names modules, each with a
`main(arguments) -> exit code`.
"""

import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from builder_ui.complaint import Complaint
from builder_ui.folder_option import take_folder

LIGHT = {
    "up": "builder_ui.up",
    "build_editor": "builder_ui.editor_build",
    "check_all": "builder_ui.check_all",
    "backup": "builder_ui.backup",
    "restore": "builder_ui.restore",
}


def main(arguments: Sequence[str]) -> int:
    """Run the command that `arguments` name (program first); return the exit code."""
    try:
        return _runner([*arguments[:1], *take_folder(arguments[1:])])()
    except Complaint as complaint:
        print(f"{complaint}", file=sys.stderr)
        return complaint.exit_code
    except KeyboardInterrupt:
        return 130


def _runner(arguments: Sequence[str]) -> Callable[[], int]:
    name = arguments[1] if len(arguments) > 1 else "help"
    if name in LIGHT:
        run: Callable[[Sequence[str]], int] = import_module(LIGHT[name]).main
        return lambda: run(arguments[2:])
    return lambda: _django(arguments)


def _django(arguments: Sequence[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "builder_ui.settings")
    try:
        line = import_module("builder_ui.django_line")
    except ImportError as missing:
        raise Complaint(
            f"Django is not installed for {sys.executable}: run `uv run manage.py …`, or install the project first."
        ) from missing
    database_errors = import_module("django.db.utils")
    try:
        line.execute(arguments)
    except database_errors.OperationalError as error:
        reason = " ".join(str(error).split())
        raise Complaint(
            f"The database can't be reached: {reason}. "
            "Start it with `manage.py up`, name its folder by --data, or set DATABASE_URL."
        ) from error
    return 0
