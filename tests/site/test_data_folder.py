"""The data folder: closed to others, with two keys that are made once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from builder_ui.complaint import Complaint
from builder_ui.data_folder import DataFolder, read_secret
from builder_ui.lock import lock_holder, take_lock


def test_keys_are_made_once_even_when_many_begin_at_once(tmp_path: Path) -> None:
    data = DataFolder(tmp_path / "data")
    data.prepare()

    def make(_: int) -> str | None:
        data.make_secrets()
        return read_secret(data.credential_key)

    with ThreadPoolExecutor(8) as many:
        assert len(set(many.map(make, range(32)))) == 1
    assert sorted(path.name for path in data.root.iterdir()) == ["credential-key", "secret-key"]
    assert data.credential_key.stat().st_mode & 0o777 == 0o600
    assert data.root.stat().st_mode & 0o777 == 0o700


def test_a_folder_with_a_file_of_someone_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(Complaint, match="is no data folder of Mulgil"):
        DataFolder(tmp_path).prepare()
    assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_a_new_disk_is_taken(tmp_path: Path) -> None:
    (tmp_path / "lost+found").mkdir()
    DataFolder(tmp_path).prepare()


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with pytest.raises(Complaint, match="can't be used"):
        DataFolder(tmp_path / "data").prepare()


def test_the_lock_has_one_holder_and_tells_who(tmp_path: Path) -> None:
    data = DataFolder(tmp_path)
    first = take_lock(data, "process 1")
    assert first is not None
    assert take_lock(data, "process 2") is None
    assert lock_holder(data) == "process 1"
    first.close()
    second = take_lock(data, "process 2")
    assert second is not None
    second.close()
