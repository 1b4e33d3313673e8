"""Where the embedded database of a data folder lies, and where it answers.

Decides: the folders of the database, a socket folder short enough for the system's limit of 107 bytes, and
another home for the files when the data folder lies where only root may enter. Refuses to know how the
server is run.
"""

import hashlib
import os
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from builder_ui.complaint import Complaint
from builder_ui.data_folder import DataFolder
from builder_ui.postgres.account import Account

SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET = 107
ELSEWHERE = Path("/var/lib/mulgil")


@dataclass(frozen=True, slots=True)
class Place:
    """The folders of one embedded database."""

    home: Path
    sockets: Path
    account: Account

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own data folder."""
        return self.home / "cluster"

    @property
    def programs(self) -> Path:
        """Copies of the programs, where the wheel's own can't be reached."""
        return self.home / "programs"

    @property
    def logs(self) -> Path:
        """What the server writes about itself."""
        return self.home / "log"

    def address(self, user: str = "mulgil", database: str = "mulgil") -> str:
        """The address programs use; no password, the system vouches for its users."""
        return f"postgresql://{user}@/{database}?host={quote(str(self.sockets), safe='')}&port=5432"


def prepare_place(data: DataFolder, account: Account) -> Place:
    """Make the folders of the database of `data`, owned by `account`, and say where they are."""
    try:
        home = _home(data, account)
        place = Place(home=home, sockets=_sockets(home, account), account=account)
        _take_over(home, account)
        account.make_folder(place.logs)
    except OSError as error:
        raise Complaint(f"The database's folder {data.database} can't be made: {error.strerror or error}.") from error
    return place


def _home(data: DataFolder, account: Account) -> Path:
    if data.database.is_symlink():
        if not data.database.exists():
            raise Complaint(
                f"{data.database} points to {data.database.readlink()}, which is gone: "
                "bring it back, or restore a backup into a new data folder."
            )
        return data.database.resolve()
    if account.can_enter(data.root.parent):
        account.own(data.root)
        account.make_folder(data.database)
        return data.database
    return _home_elsewhere(data, account)


def _home_elsewhere(data: DataFolder, account: Account) -> Path:
    ELSEWHERE.mkdir(mode=0o711, parents=True, exist_ok=True)
    home = ELSEWHERE / f"{data.root.name.strip('.')}-{secrets.token_hex(6)}"
    if data.database.exists():
        shutil.move(data.database, home)
    account.make_folder(home)
    data.database.symlink_to(home)
    return home


def _take_over(home: Path, account: Account) -> None:
    # Files that root copied here belong to root, and the server wants its own.
    if not account.switched:
        return
    for part in home.iterdir():
        if part.lstat().st_uid != account.uid:
            for path in (part, *part.rglob("*")):
                os.chown(path, account.uid, account.gid, follow_symlinks=False)


def _sockets(home: Path, account: Account) -> Path:
    near = home / "socket"
    if len(os.fsencode(near / SOCKET_NAME)) <= LONGEST_SOCKET:
        account.make_folder(near)
        return near
    return _short_sockets(home, account)


def _short_sockets(home: Path, account: Account) -> Path:
    # The name is derived from the path, so that each start finds the same one; anyone may write to the folder
    # it lies in, so it counts only when it is ours, closed to others, and no link.
    name = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"mulgil-{name}"
    if not folder.exists():
        account.make_folder(folder)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid != account.uid or found.st_mode & 0o077:
        raise Complaint(
            f"{folder} belongs to someone else: remove it, or choose a data folder with a path of fewer than 80 characters."
        )
    return folder
