"""Which system user the database runs as.

Decides: oneself when one is no root; else the owner of the existing files, else the account `mulgil`, made
when missing, because PostgreSQL refuses to run as root. Refuses to know what is run.
"""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from builder_ui.complaint import Complaint

NAME = "mulgil"


@dataclass(frozen=True, slots=True)
class Account:
    """A system user; `switched` when we are root and must become it."""

    name: str
    uid: int
    gid: int
    switched: bool

    @property
    def options(self) -> dict[str, Any]:
        """Keyword arguments of subprocess that make a child run as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.switched else {}

    def own(self, path: Path) -> None:
        """Make this user the owner of `path`, when we may."""
        if self.switched:
            os.chown(path, self.uid, self.gid)

    def make_folder(self, path: Path) -> None:
        """Create `path` for this user alone."""
        path.mkdir(mode=0o700, parents=False, exist_ok=True)
        path.chmod(0o700)
        self.own(path)

    def can_enter(self, folder: Path) -> bool:
        """Whether this user reaches `folder` through all the folders above it."""
        if not self.switched:
            return True
        return all(self._may_pass(part) for part in (folder, *folder.parents))

    def _may_pass(self, folder: Path) -> bool:
        found = folder.stat()
        if found.st_uid == self.uid:
            return bool(found.st_mode & 0o100)
        if found.st_gid == self.gid:
            return bool(found.st_mode & 0o010)
        return bool(found.st_mode & 0o001)


def account_for(files: Path) -> Account:
    """The user that runs the database whose files lie (or will lie) in `files`."""
    if os.geteuid() != 0:
        return _account(_entry(os.geteuid()), switched=False)
    if files.exists() and (owner := files.stat().st_uid) != 0:
        return _account(_entry(owner), switched=True)
    try:
        return _account(pwd.getpwnam(NAME), switched=True)
    except KeyError:
        _create()
    return _account(pwd.getpwnam(NAME), switched=True)


def own_name() -> str:
    """The name of the user this process runs as."""
    return _entry(os.geteuid()).pw_name


def _entry(uid: int) -> pwd.struct_passwd:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        raise Complaint(
            f"User id {uid} has no name on this system, and PostgreSQL needs one: "
            "run as a named user, or set DATABASE_URL to a server of your own."
        ) from None


def _account(entry: pwd.struct_passwd, *, switched: bool) -> Account:
    return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid, switched=switched)


def _create() -> None:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    command = [
        useradd or "useradd",
        "--system",
        "--user-group",
        "--no-create-home",
        "--shell",
        "/usr/sbin/nologin",
        NAME,
    ]
    made = subprocess.run(command, capture_output=True, text=True, check=False) if useradd else None
    if made is None or made.returncode not in (0, 9):
        reason = made.stderr.strip() if made else "useradd is missing"
        raise Complaint(
            f"PostgreSQL refuses to run as root, and the system user {NAME!r} can't be made ({reason}): "
            "make it yourself, run as an ordinary user, or set DATABASE_URL."
        )
