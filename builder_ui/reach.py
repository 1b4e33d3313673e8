"""The database of this installation, for commands that use PostgreSQL's own programs.

Decides: that the running one is used, and that the embedded one is started for the while when nothing runs.
Refuses to know what is asked of it.
"""

import contextlib
import os
import subprocess
from collections.abc import Iterator, Mapping

from builder_ui.complaint import Complaint
from builder_ui.data_folder import DataFolder
from builder_ui.databases import embedded_database
from builder_ui.environment import Database, Environment
from builder_ui.lock import take_lock
from builder_ui.postgres.cluster import last_words_of
from builder_ui.postgres.embedded import running_database
from builder_ui.postgres.programs import ENVIRONMENT, programs
from builder_ui.progress import say


@contextlib.contextmanager
def reached_database(environment: Environment) -> Iterator[Database]:
    """The database, answering while the block lasts."""
    data = DataFolder(environment.data)
    if environment.database is not None:
        yield environment.database
        return
    if not data.database_address.exists():
        raise Complaint(f"There is no database in {data.root} yet: start with `manage.py up`, or name another folder.")
    lock = take_lock(data, f"process {os.getpid()}, at work on the database")
    if lock is None:
        yield embedded_database(data)
        return
    with lock, running_database(data, say):
        yield embedded_database(data)


def run_program(database: Database, program: str, *arguments: str) -> str:
    """Run one of PostgreSQL's programs against `database`; its output, or a complaint with its last words."""
    done = subprocess.run(
        [programs().path(program), *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        env={**ENVIRONMENT, **connection_variables(database)},
    )
    if done.returncode:
        raise Complaint(f"{program} failed: {last_words_of(done.stderr)}")
    return done.stdout


def connection_variables(database: Database) -> Mapping[str, str]:
    """How libpq is told where to go; a password stays out of the list of processes."""
    variables = {
        "PGHOST": database.host,
        "PGPORT": database.port,
        "PGUSER": database.user,
        "PGPASSWORD": database.password,
        "PGDATABASE": database.name,
        "PGSSLMODE": database.options.get("sslmode", ""),
        "PGSSLROOTCERT": database.options.get("sslrootcert", ""),
        "PGCONNECT_TIMEOUT": "10",
        "PGCLIENTENCODING": "UTF8",
    }
    return {name: value for name, value in variables.items() if value}
