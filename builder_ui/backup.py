"""`manage.py backup FILE`: everything in the database, while the site runs.

Decides: one consistent file, whole or not there at all, for its owner alone. Keys are no part of it: who
finds a backup can't read the credentials in it, so keep the key files apart from it.
"""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from builder_ui.complaint import Complaint
from builder_ui.data_folder import DataFolder
from builder_ui.environment import Database, environment_for
from builder_ui.folder_option import offer_folder
from builder_ui.progress import say, tell
from builder_ui.reach import reached_database, run_program


def main(arguments: Sequence[str]) -> int:
    """Write the backup; the exit code."""
    parser = argparse.ArgumentParser(prog="manage.py backup", description="Back up the database, while the site runs.")
    parser.add_argument("file", type=Path, help="the file to write")
    offer_folder(parser)
    given = parser.parse_args(arguments)
    environment = environment_for(given.data)
    with reached_database(environment) as database:
        size = write_backup(database, given.file)
    tell(f"Backed up to {given.file} ({size / 1024 / 1024:.1f} MiB).")
    if not environment.credential_keys:
        key = DataFolder(environment.data).credential_key
        tell(f"Credentials in it are encrypted by {key}: keep a copy of that file, apart from the backup.")
    return 0


def write_backup(database: Database, file: Path) -> int:
    """Write the whole database into `file`; its size in bytes."""
    draft = file.with_name(f".{file.name}.partial")
    try:
        # What lies there already may be another's, or lead elsewhere: the file is made anew, for its owner alone.
        draft.unlink(missing_ok=True)
        draft.touch(mode=0o600, exist_ok=False)
        say("reading the database")
        run_program(database, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={draft}")
        with draft.open("rb+") as written:
            os.fsync(written.fileno())
        size = draft.stat().st_size
        draft.replace(file)
    except OSError as error:
        raise Complaint(f"{file} can't be written: {error.strerror}.") from error
    finally:
        draft.unlink(missing_ok=True)
    return size
