"""The embedded database of a data folder, made ready to be started.

Decides: the order of things: place, account, programs, upgrade, creation. Refuses to know who starts it.
"""

import contextlib
import secrets
import shutil
from collections.abc import Iterator

from builder_ui.complaint import Complaint
from builder_ui.data_folder import DataFolder
from builder_ui.postgres.account import account_for
from builder_ui.postgres.cluster import Cluster, Say, cluster_version
from builder_ui.postgres.place import prepare_place
from builder_ui.postgres.programs import programs_for
from builder_ui.postgres.upgrade import upgrade_if_older

# The product's role owns its database and is no superuser.
BOOTSTRAP = "create role mulgil login;\ncreate database mulgil owner mulgil;\n"


def open_cluster(data: DataFolder, say: Say) -> Cluster:
    """The cluster of `data`, created or upgraded as need be, with no server of an earlier day left on it."""
    account = account_for(data.database)
    place = prepare_place(data, account)
    cluster = Cluster(place=place, programs=programs_for(account, place.programs), folder=place.cluster)
    cluster.end_left_over(say)
    upgrade_if_older(cluster, data.backups, say)
    if cluster_version(cluster.folder) is None:
        say("making the database")
        if data.database.is_symlink():
            say(f"its files lie in {place.home}: the user {account.name} can't enter {data.root.parent}")
        _create_whole(cluster)
    _tell_address(data, place.address())
    return cluster


@contextlib.contextmanager
def running_database(data: DataFolder, say: Say, *, durable: bool = True) -> Iterator[Cluster]:
    """Run the embedded database of `data` while the block lasts; without `durable` a power cut may ruin it."""
    cluster = open_cluster(data, say)
    if not durable:
        (cluster.folder / "local.conf").write_text("fsync = off\nsynchronous_commit = off\n", encoding="ascii")
        cluster.place.account.own(cluster.folder / "local.conf")
    server = cluster.start()
    try:
        cluster.await_ready(server, say)
        yield cluster
    finally:
        cluster.stop(server)


def _create_whole(cluster: Cluster) -> None:
    # Made aside and renamed, so that a kill in the middle never leaves half a cluster that looks whole.
    if cluster.folder.exists() and any(cluster.folder.iterdir()):
        raise Complaint(
            f"{cluster.folder} holds files but no PG_VERSION: the database's files are damaged; "
            "restore a backup into a new data folder."
        )
    draft = Cluster(cluster.place, cluster.programs, cluster.place.home / "cluster-making")
    if draft.folder.exists():
        shutil.rmtree(draft.folder)
    draft.create()
    draft.run_single_user(BOOTSTRAP)
    if cluster.folder.exists():
        cluster.folder.rmdir()
    draft.folder.rename(cluster.folder)


def _tell_address(data: DataFolder, address: str) -> None:
    draft = data.database_address.with_name(f".address-{secrets.token_hex(4)}")
    draft.write_text(address + "\n", encoding="utf-8")
    draft.chmod(0o600)
    draft.replace(data.database_address)
