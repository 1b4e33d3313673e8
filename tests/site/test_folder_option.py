"""`--data DIR` and MULGIL_DATA are the same for every command of ours, wherever the option stands."""

import os
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.core.management import get_commands, load_command_class

from builder_ui.commandline import LIGHT, main
from builder_ui.folder_option import take_folder

OURS = sorted(name for name, app in get_commands().items() if app in ("flows", "builder_ui"))
WITHOUT_HELP = ("build_editor", "check_all")  # one has a word or two of its own, the other hands all on to pytest


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULGIL_DATA", "/elsewhere")


def test_the_commands_without_django_are_among_those_walked_over() -> None:
    assert {"token", "flow", "runs", "samples", "sync", "simulate", "worker", "backtest", "bench", *LIGHT} <= set(OURS)


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("behind", [True, False])
def test_every_command_is_told_its_folder(
    name: str, behind: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told: list[tuple[list[str], str]] = []

    def ran(words: Any) -> int:
        told.append((list(words), os.environ["MULGIL_DATA"]))
        return 0

    if name in LIGHT:
        monkeypatch.setattr(import_module(LIGHT[name]), "main", ran)
    else:
        command = type(load_command_class(get_commands()[name], name))
        monkeypatch.setattr(command, "run_from_argv", lambda _, words: ran(words[2:]))
    option = ["--data", str(tmp_path)] if behind else [f"--data={tmp_path}"]
    words = ["one", *option, "--two"] if behind else [*option, "one", "--two"]
    assert main(["manage.py", name, *words]) == 0
    assert told == [(["one", "--two"], str(tmp_path))]


@pytest.mark.parametrize("name", [name for name in OURS if name not in WITHOUT_HELP])
def test_its_help_tells_of_it(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["manage.py", name, "--help"])
    assert "--data DIR" in capsys.readouterr().out


def test_a_folder_is_named_from_where_one_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert take_folder(["token", "--data", "here"]) == ["token"]
    assert os.environ["MULGIL_DATA"] == str(tmp_path / "here")


def test_without_it_the_environment_stays_as_it_is_and_what_follows_two_dashes_is_left_alone() -> None:
    words = ["flow", "run", "--", "--data", "x"]
    assert take_folder(words) == words
    assert os.environ["MULGIL_DATA"] == "/elsewhere"


@pytest.mark.parametrize("words", [["--data"], ["--data="], ["--data", ""], ["--data", "--scope", "runs:read"]])
def test_an_option_without_its_folder_is_refused_in_a_sentence(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["manage.py", "token", "create", "admin", *words]) == 2
    assert capsys.readouterr().err == "--data needs the data folder behind it: --data DIR.\n"
