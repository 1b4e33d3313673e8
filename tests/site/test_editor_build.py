"""When the editor is built anew, and when not."""

import json
from pathlib import Path

import pytest

from builder_ui import editor_build
from builder_ui.complaint import Complaint


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "editor"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "main.tsx").write_text("one")
    (folder / "package-lock.json").write_text(
        json.dumps({"packages": {"": {}, "node_modules/a": {"version": "1.0.0"}}})
    )
    monkeypatch.setattr(editor_build, "EDITOR", folder)
    monkeypatch.setattr(editor_build, "BUILT", tmp_path / "builder")
    monkeypatch.setattr(editor_build, "FINGERPRINT", tmp_path / "builder" / "fingerprint")
    return folder


def pretend_npm(editor: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    called: list[str] = []

    def run(*arguments: str) -> None:
        called.append(arguments[0])
        if arguments[0] == "ci":
            lock = json.loads((editor / "package-lock.json").read_text())
            (editor / "node_modules").mkdir(exist_ok=True)
            (editor / "node_modules" / ".package-lock.json").write_text(json.dumps(lock))
        if arguments[0] == "run":
            out = Path(arguments[arguments.index("--outDir") + 1])
            out.mkdir()
            (out / "manifest.json").write_text("{}" + " " * 2000)

    monkeypatch.setattr(editor_build, "run_npm", run)
    return called


def test_it_is_built_once_and_again_only_when_a_source_changes(editor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    called = pretend_npm(editor, monkeypatch)
    assert editor_build.is_stale()
    editor_build.main([])
    editor_build.main([])
    assert called == ["ci", "run"]
    (editor / "src" / "main.tsx").write_text("two")
    assert editor_build.is_stale()
    editor_build.main([])
    assert called == ["ci", "run", "run"]


def test_a_test_file_of_the_editor_is_no_reason_to_build(editor: Path) -> None:
    before = editor_build.fingerprint()
    (editor / "src" / "main.test.tsx").write_text("a test")
    assert editor_build.fingerprint() == before
    (editor / "src" / "new.ts").write_text("")
    assert editor_build.fingerprint() != before


def test_packages_are_fetched_when_the_lock_changes(editor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    called = pretend_npm(editor, monkeypatch)
    editor_build.install()
    editor_build.install()
    assert called == ["ci"]
    (editor / "package-lock.json").write_text(json.dumps({"packages": {"node_modules/a": {"version": "2.0.0"}}}))
    editor_build.install()
    assert called == ["ci", "ci"]


def test_a_failed_build_leaves_the_old_one(editor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend_npm(editor, monkeypatch)
    editor_build.main([])
    (editor / "src" / "main.tsx").write_text("broken")

    def fail(*arguments: str) -> None:
        raise Complaint("no")

    monkeypatch.setattr(editor_build, "run_npm", fail)
    with pytest.raises(Complaint):
        editor_build.main([])
    assert (editor_build.BUILT / "manifest.json").exists()
    assert editor_build.is_stale()


def test_a_stale_build_can_be_asked_for(editor: Path) -> None:
    with pytest.raises(Complaint, match=r"manage\.py build_editor"):
        editor_build.main(["--check"])


def test_large_files_are_packed_once(editor: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend_npm(editor, monkeypatch)
    editor_build.main([])
    assert (editor_build.BUILT / "manifest.json.gz").stat().st_size < 1000


def test_the_products_own_node_brings_an_npm_that_works() -> None:
    editor_build.run_npm("--version")
