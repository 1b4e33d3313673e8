"""The configuration of the embedded server, written anew at every start.

Decides: who may connect (the system's users named here, through the socket, nobody else), that nothing
committed is lost (fsync), and sizes for a host of two cores. `local.conf` beside it is the owner's and wins.
"""

from collections.abc import Iterable
from pathlib import Path

from builder_ui.postgres.place import Place

SETTINGS = {
    "port": "5432",
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "max_connections": "120",
    "shared_buffers": "'128MB'",
    "work_mem": "'8MB'",
    "maintenance_work_mem": "'64MB'",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_level": "replica",
    "max_wal_senders": "4",
    "max_wal_size": "'2GB'",
    "checkpoint_completion_target": "0.9",
    "random_page_cost": "1.1",
    "effective_io_concurrency": "16",
    "jit": "off",
    "autovacuum_naptime": "'15s'",
    "logging_collector": "on",
    "log_filename": "'postgres-%a.log'",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "'1d'",
    "log_rotation_size": "0",
    "log_line_prefix": "'%m [%p] %u '",
    "log_checkpoints": "off",
    "log_timezone": "'UTC'",
    "timezone": "'UTC'",
    "lc_messages": "'C'",
}

HOSTS = "# Written at every start. The system says who a user is; no one else gets in.\nlocal all all peer map=mulgil\n"


def write_configuration(place: Place, users: Iterable[str], cluster: Path | None = None) -> None:
    """Write the three files of configuration; `users` of the system may connect as any of our two roles."""
    folder = cluster or place.cluster
    settings = {
        **SETTINGS,
        "unix_socket_directories": _quoted(place.sockets),
        "log_directory": _quoted(place.logs),
    }
    lines = [f"{name} = {value}" for name, value in settings.items()]
    identities = [f'mulgil "{user}" {role}' for user in sorted(set(users)) for role in ("mulgil", "postgres")]
    _write(place, folder / "postgresql.conf", [*lines, "include_if_exists = 'local.conf'"])
    _write(place, folder / "pg_ident.conf", identities)
    _write(place, folder / "pg_hba.conf", [HOSTS])


def _write(place: Place, path: Path, lines: Iterable[str]) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    path.chmod(0o600)
    place.account.own(path)


def _quoted(path: Path) -> str:
    escaped = str(path).replace("'", "''")
    return f"'{escaped}'"
