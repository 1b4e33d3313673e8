"""A backup is for its owner alone, whatever lies in the folder it is written into."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from builder_ui import backup
from builder_ui.environment import Database


def dumped(_: Any, program: str, *options: str) -> str:
    """Writes what `pg_dump` would, into the file it was told."""
    assert program == "pg_dump"
    Path(options[-1].removeprefix("--file=")).write_bytes(b"dump")
    return ""


def test_a_backup_follows_no_link_and_takes_no_file_of_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup, "run_program", dumped)
    victim, file = tmp_path / "victim", tmp_path / "all.backup"
    victim.write_bytes(b"kept")
    (tmp_path / ".all.backup.partial").symlink_to(victim)
    assert backup.write_backup(cast("Database", SimpleNamespace()), file) == 4
    assert (file.read_bytes(), victim.read_bytes()) == (b"dump", b"kept")
    assert file.stat().st_mode & 0o777 == 0o600
