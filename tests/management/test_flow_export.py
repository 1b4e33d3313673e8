"""`manage.py flow export`: what is written where, and what is left alone."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from flows.management.folders import write_folder
from flows.operations.flows import create_flow
from tests.cast import CHAIN, Person


def exported(*arguments: str) -> str:
    out = StringIO()
    call_command("flow", "export", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def draft(editor: Person) -> str:
    return create_flow(editor.actor, name="Orders", document=CHAIN).name


def test_an_export_tells_what_else_stands_there_and_follows_no_link(tmp_path: Path) -> None:
    kept = tmp_path / "kept.txt"
    kept.write_text("mine", encoding="utf-8")
    folder = tmp_path / "flows"
    folder.mkdir()
    (folder / "a.yaml").symlink_to(kept)
    (folder / "old.yaml").touch()
    assert write_folder(folder, {"a.yaml": "flow: A\n", "manifest.yaml": "manifest: 1\n"}) == ["old.yaml"]
    assert kept.read_text(encoding="utf-8") == "mine"
    assert (folder / "a.yaml").read_text(encoding="utf-8") == "flow: A\n"
    assert sorted(path.name for path in folder.iterdir()) == ["a.yaml", "manifest.yaml", "old.yaml"]


@pytest.mark.parametrize("arguments", [("Nowhere",), ("--live", "Orders")])
def test_a_flow_that_is_not_there_or_not_live_is_not_exported(
    draft: str, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    with pytest.raises(CommandError, match=r"no flow Nowhere|Nothing of this flow is live"):
        exported(*arguments, str(tmp_path / "out.yaml"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("names", [(), ("Orders", "Returns")])
def test_flows_are_not_put_into_a_folder_that_is_named_as_a_file(
    draft: str, tmp_path: Path, names: tuple[str, ...]
) -> None:
    path = tmp_path / "all.yaml"
    with pytest.raises(CommandError, match=r"A file holds one flow: name it before .*all\.yaml, or give a folder"):
        exported(*names, str(path))
    assert not path.exists()
    path.mkdir()
    assert exported(draft, str(path)) == f"1 flows in {path}\n"
