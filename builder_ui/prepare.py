"""What must stand before the site opens: settings that are safe, tables, the first admin, the samples.

Decides: the order, and that only a new installation gets an admin and samples. Refuses to know how each is
made: they are commands, called by name.
"""

from collections.abc import Sequence

from django.contrib.auth import get_user_model
from django.core import checks
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from builder_ui.complaint import Complaint
from builder_ui.progress import say

# Two hosts that start at once must not migrate at once; the number is this product's own.
MIGRATION_LOCK = 0x6D756C67


def main(arguments: Sequence[str]) -> None:
    """Prepare the database; `--no-samples` leaves the samples out."""
    _check_settings()
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s)", [MIGRATION_LOCK])
        try:
            _migrate()
            if not get_user_model().objects.exists():
                call_command("first_admin")
                if "--no-samples" not in arguments:
                    call_command("samples")
        finally:
            cursor.execute("select pg_advisory_unlock(%s)", [MIGRATION_LOCK])
    connection.close()


def _check_settings() -> None:
    errors = [message for message in checks.run_checks(tags=["mulgil"]) if message.is_serious()]
    if errors:
        raise Complaint(" ".join(f"{error.msg} {error.hint or ''}".strip() for error in errors))


def _migrate() -> None:
    executor = MigrationExecutor(connection)
    targets = executor.loader.graph.leaf_nodes()
    waiting = executor.migration_plan(targets)
    unknown = set(executor.loader.applied_migrations) - set(executor.loader.graph.nodes)
    if any(app == "flows" for app, _ in unknown):
        raise Complaint(
            "The database was made by a newer Mulgil than this one (it has migrations unknown here): "
            "start the newer one, or restore a backup of this version into a new data folder."
        )
    if not waiting:
        return
    say(f"bringing the tables up to date ({len(waiting)} steps)")
    call_command("migrate", interactive=False, verbosity=0)
