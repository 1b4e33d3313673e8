"""`--data DIR`: which installation a command is for.

Decides: that every command takes it, in one place, before the command's own words are read, and that it is the same as
MULGIL_DATA. Refuses to know the commands.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from builder_ui.complaint import Complaint
from builder_ui.environment import environment_for

OPTION: Final = "--data"


class NoFolder(Complaint):
    """`--data` stands there and no folder behind it."""

    exit_code = 2


def take_folder(words: Sequence[str]) -> list[str]:
    """The words of a command line without `--data DIR`, which the environment says from here on; what follows `--` is
    left alone."""
    left: list[str] = []
    folder: str | None = None
    coming = iter(words)
    for word in coming:
        if word == "--":
            left += [word, *coming]
        elif word == OPTION:
            folder = next(coming, "")
            if folder.startswith("-"):  # the next option, not a folder
                folder = ""
        elif word.startswith(f"{OPTION}="):
            folder = word.removeprefix(f"{OPTION}=")
        else:
            left.append(word)
        if folder == "":
            raise NoFolder(f"{OPTION} needs the data folder behind it: {OPTION} DIR.")
    if folder is not None:
        environment_for(Path(folder))
    return left


def offer_folder(parser: argparse.ArgumentParser) -> None:
    """Let `--help` tell of it; a part that is started without the command line of the house reads it here."""
    parser.add_argument(
        OPTION, type=Path, metavar="DIR", help="the data folder (default: MULGIL_DATA, else .mulgil in the project)"
    )
