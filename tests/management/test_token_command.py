from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from flows.operations.access import Permission, may
from flows.operations.signing_in import actor_of_token
from tests.cast import person


def test_it_prints_a_token_and_nothing_else(db: None) -> None:
    editor = person("editor", "editor")
    out = StringIO()
    call_command("token", "create", "editor", stdout=out)
    assert actor_of_token(out.getvalue().removesuffix("\n")).actor == editor.actor


def test_scopes_narrow_it(db: None) -> None:
    person("editor", "editor")
    out = StringIO()
    call_command("token", "create", "editor", "--scope", "runs:start", "--scope", "runs:read", stdout=out)
    actor = actor_of_token(out.getvalue().strip()).actor
    assert may(actor, Permission.RUNS_START)
    assert not may(actor, Permission.FLOWS_READ)


@pytest.mark.parametrize("arguments", [["nobody"], ["editor", "--scope", "all"], ["editor", "--workspace", "else"]])
def test_what_cannot_be_is_one_clear_sentence(db: None, arguments: list[str]) -> None:
    person("editor", "editor")
    with pytest.raises(CommandError):
        call_command("token", "create", *arguments)
