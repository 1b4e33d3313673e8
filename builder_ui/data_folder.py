"""The data folder of one installation: what lies where in it, and its secrets.

Decides: the names inside the folder, that it is 0700, and that each secret is made once, 0600, atomically.
Refuses to know what the secrets protect.
"""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from builder_ui.complaint import Complaint


@dataclass(frozen=True, slots=True)
class DataFolder:
    """Paths within one data folder."""

    root: Path

    @property
    def secret_key(self) -> Path:
        """Signs sessions and tasks."""
        return self.root / "secret-key"

    @property
    def credential_key(self) -> Path:
        """Encrypts credentials; kept apart from `secret_key`, so that losing one doesn't lose the other."""
        return self.root / "credential-key"

    @property
    def lock(self) -> Path:
        """Held by the `up` that runs on this folder; its text says who that is."""
        return self.root / "up.lock"

    @property
    def database(self) -> Path:
        """The embedded database's files."""
        return self.root / "postgres"

    @property
    def database_address(self) -> Path:
        """Where the running embedded database answers, as a `postgresql://` address."""
        return self.root / "database-address"

    @property
    def backups(self) -> Path:
        """Copies made before an upgrade."""
        return self.root / "backups"

    @property
    def metrics(self) -> Path:
        """Where the processes of one running site keep their numbers, for whichever is asked to add them up."""
        return self.root / "metrics"

    def prepare(self) -> None:
        """Create the folder, for its owner alone; a folder of someone else's things is refused."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            if not self.secret_key.exists() and any(not _is_harmless(path) for path in self.root.iterdir()):
                raise Complaint(
                    f"{self.root} holds other files and is no data folder of Mulgil: name an empty or new folder with --data."
                )
            self.root.chmod(0o700)
        except OSError as error:
            raise Complaint(f"The data folder {self.root} can't be used: {error.strerror}.") from error

    def make_secrets(self) -> None:
        """Make the secrets that don't exist yet."""
        for path in (self.secret_key, self.credential_key):
            _write_once(path, secrets.token_urlsafe(48))


def _is_harmless(path: Path) -> bool:
    return path.name.startswith(".") or path.name in ("lost+found", "up.lock")


def read_secret(path: Path) -> str | None:
    """The secret in `path`, None when there is none; a file that can't be read is told."""
    try:
        return path.read_text(encoding="ascii").strip() or None
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise Complaint(f"The key in {path} can't be read: {error.strerror}.") from error


def _write_once(path: Path, text: str) -> None:
    # Written aside and linked into place, so that no reader ever sees half a key and no second writer replaces one.
    if path.exists():
        return
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        if not path.exists():
            os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()
