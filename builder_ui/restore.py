"""`manage.py restore FILE`: the database as it was when the backup was made, while the site runs.

Decides: all or nothing (one transaction), that what stood before is backed up first, and that a backup of a
newer product is refused. Refuses to know the tables.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from builder_ui.backup import write_backup
from builder_ui.complaint import Complaint
from builder_ui.data_folder import DataFolder
from builder_ui.environment import PROJECT, Database, environment_for
from builder_ui.folder_option import offer_folder
from builder_ui.progress import say, tell
from builder_ui.reach import reached_database, run_program

TRIES = 5
QUIET = ("--no-psqlrc", "--quiet", "--output=/dev/null")
MIGRATIONS = PROJECT / "flows" / "migrations"
# Everyone else is cut off, so that no one holds a lock on what goes; they come back by themselves.
CUT = (
    "select pg_terminate_backend(pid) from pg_stat_activity "
    "where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend';\n"
)
CLEAR = (
    "set lock_timeout = '30s';\ndrop schema public cascade;\ncreate schema public authorization pg_database_owner;\n"
)


def main(arguments: Sequence[str]) -> int:
    """Restore the backup; the exit code."""
    parser = argparse.ArgumentParser(prog="manage.py restore", description="Restore a backup, while the site runs.")
    parser.add_argument("file", type=Path, help="a file written by `manage.py backup`")
    offer_folder(parser)
    given = parser.parse_args(arguments)
    environment = environment_for(given.data)
    if not given.file.is_file():
        raise Complaint(f"There is no backup {given.file}.")
    data = DataFolder(environment.data)
    with reached_database(environment) as database, tempfile.TemporaryDirectory(prefix="mulgil-restore-") as folder:
        script = Path(folder) / "backup.sql"
        _unpack(database, given.file, script)
        kept = _keep_present(database, data)
        say("putting the backup in its place")
        _replace(database, script)
        _migrate()
    tell(f"Restored {given.file}. What stood before is kept in {kept}.")
    return 0


def _unpack(database: Database, file: Path, script: Path) -> None:
    # Through a file and not through memory: a journal can be larger than the machine's.
    options = ("--no-owner", "--no-privileges")
    try:
        applied = run_program(database, "pg_restore", "--data-only", "--table=django_migrations", "--file=-", str(file))
        run_program(database, "pg_restore", *options, f"--file={script}", str(file))
    except Complaint as complaint:
        raise Complaint(f"{file} is no whole backup of Mulgil: {complaint}") from complaint
    rows = [line.split("\t") for line in applied.splitlines()]
    names = {row[2] for row in rows if len(row) == 4 and row[1] == "flows"}
    if not names:
        raise Complaint(f"{file} is a PostgreSQL backup, but not one of Mulgil: nothing was changed.")
    unknown = sorted(name for name in names if not (MIGRATIONS / f"{name}.py").exists())
    if unknown:
        raise Complaint(f"{file} was made by a newer Mulgil (it has {unknown[0]}): restore it with that one.")


def _keep_present(database: Database, data: DataFolder) -> Path:
    data.backups.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = data.backups / f"before-restore-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}.backup"
    write_backup(database, kept)
    return kept


def _replace(database: Database, script: Path) -> None:
    first = script.with_name("first.sql")
    first.write_text(CUT + CLEAR, encoding="utf-8")
    files = (f"--file={first}", f"--file={script}")
    for tries_left in reversed(range(TRIES)):
        try:
            run_program(database, "psql", *QUIET, "--single-transaction", "--set=ON_ERROR_STOP=1", *files)
            break
        except Complaint as complaint:
            # A worker that came back too early may hold a lock; the database then ends one of the two.
            if not tries_left or not ("deadlock" in str(complaint) or "lock timeout" in str(complaint)):
                raise Complaint(f"Nothing was restored and nothing was changed: {complaint}") from complaint
    # Connections made meanwhile remember tables that are gone.
    run_program(database, "psql", *QUIET, f"--command={CUT}")


def _migrate() -> None:
    done = subprocess.run(
        [sys.executable, str(PROJECT / "manage.py"), "migrate", "--no-input", "--verbosity=0", "--skip-checks"],
        check=False,
        cwd=PROJECT,
    )
    if done.returncode:
        raise Complaint("The backup stands, but its tables could not be brought up to date; see above.")
