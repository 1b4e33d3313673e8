"""An older cluster brought to the current PostgreSQL.

Decides: that the old files stay untouched until the new ones are whole, and are kept afterwards as the
backup; that a kill at any moment leaves a folder the next start can go on from. Refuses to know the tables.
"""

import shutil
import time
from dataclasses import replace
from pathlib import Path

from builder_ui.complaint import Complaint
from builder_ui.postgres.account import own_name
from builder_ui.postgres.cluster import Cluster, Say, cluster_version
from builder_ui.postgres.configuration import write_configuration
from builder_ui.postgres.programs import CURRENT, FOLDERS, programs_for

DONE = "upgraded"


def upgrade_if_older(cluster: Cluster, backups: Path, say: Say) -> None:
    """Upgrade `cluster` when an older version made it; the old files move to `backups`."""
    fresh = replace(cluster, folder=cluster.place.home / "cluster-new")
    if not (fresh.folder / DONE).exists():
        found = cluster_version(cluster.folder)
        if found is None or found == CURRENT:
            return
        _refuse_unknown(found, cluster.folder)
        say(f"the database was made by PostgreSQL {found}; bringing it to {CURRENT} (its old files are kept)")
        _make_new(cluster, fresh, found, say)
    _exchange(cluster, fresh, backups, say)


def _refuse_unknown(found: int, folder: Path) -> None:
    if found in FOLDERS:
        return
    known = " and ".join(str(major) for major in sorted(FOLDERS))
    direction = "newer than this Mulgil knows" if found > CURRENT else "too old to be upgraded directly"
    raise Complaint(
        f"The database in {folder} was made by PostgreSQL {found}, which is {direction} (it carries {known}): "
        "use the Mulgil that made it, take a backup there, and restore it into a new data folder."
    )


def _make_new(cluster: Cluster, fresh: Cluster, found: int, say: Say) -> None:
    place = cluster.place
    old = replace(cluster, programs=programs_for(place.account, place.programs, found))
    _close_cleanly(old, say)
    if fresh.folder.exists():
        shutil.rmtree(fresh.folder)
    fresh.create(checksums=_has_checksums(old))
    for one in (old, fresh):
        write_configuration(place, {place.account.name, own_name()}, one.folder)
    say("copying the tables into the new version")
    fresh.run(
        "pg_upgrade",
        f"--old-bindir={old.programs.folder}",
        f"--new-bindir={fresh.programs.folder}",
        f"--old-datadir={old.folder}",
        f"--new-datadir={fresh.folder}",
        f"--socketdir={place.sockets}",
        "--username=postgres",
        "--copy",
    )
    (fresh.folder / DONE).touch()


def _close_cleanly(old: Cluster, say: Say) -> None:
    # pg_upgrade takes only what was shut down in order; its own version puts a crash right.
    if "shut down" in _control(old, "Database cluster state"):
        return
    server = old.start()
    try:
        old.await_ready(server, say)
    finally:
        old.stop(server)


def _has_checksums(old: Cluster) -> bool:
    return _control(old, "Data page checksum version") != "0"


def _control(cluster: Cluster, name: str) -> str:
    for line in cluster.run("pg_controldata", str(cluster.folder)).splitlines():
        if line.startswith(name):
            return line.partition(":")[2].strip()
    raise Complaint(f"pg_controldata does not tell {name!r} of {cluster.folder}: the database's files are damaged.")


def _exchange(cluster: Cluster, fresh: Cluster, backups: Path, say: Say) -> None:
    if cluster.folder.exists():
        backups.mkdir(mode=0o700, exist_ok=True)
        version = cluster_version(cluster.folder)
        kept = backups / f"postgres-{version}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}"
        shutil.move(cluster.folder, kept)
        say(f"the old files are kept in {kept}")
    fresh.folder.rename(cluster.folder)
    (cluster.folder / DONE).unlink()
