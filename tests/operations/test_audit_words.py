"""What the audit says is said in the reader's language: every verb that is written down, and the things it is done to."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.utils.translation import override

from flows import operations
from flows.models import AuditEntry
from flows.operations import audit
from flows.operations.audit_words import SENTENCES, SUBJECTS, sentence_of
from flows.operations.jobs import VERBS
from tests.cast import Person
from tests.korean import compiled

KNOWN = {sentence.removesuffix(" {subject}") for sentence in SENTENCES}


def _verbs() -> Iterator[ast.expr]:
    """The second argument of every `audit.record`."""
    for file in Path(operations.__file__).parent.glob("*.py"):
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "audit.record":
                yield call.args[1]


def _is_known(verb: ast.expr) -> bool:
    match verb:
        case ast.Constant(value=str(text)):
            return text in KNOWN
        case ast.IfExp(body=one, orelse=other):
            return _is_known(one) and _is_known(other)
        case ast.JoinedStr(values=parts):
            shape = "".join(re.escape(str(one.value)) if isinstance(one, ast.Constant) else r"\w+" for one in parts)
            return any(re.fullmatch(shape, known) for known in KNOWN)
    return True


def test_every_verb_that_is_written_down_has_its_sentence() -> None:
    assert [ast.unparse(verb) for verb in _verbs() if not _is_known(verb)] == []
    assert set(VERBS.values()) <= KNOWN


def test_every_sentence_and_every_thing_has_its_korean() -> None:
    assert {*SENTENCES, *SUBJECTS} - set(compiled()) == set()


@pytest.mark.parametrize(
    ("verb", "subject", "korean"),
    [
        ("created", "flow Orders", "플로 Orders 만듦"),
        ("released (canary)", "Orders v2", "Orders v2 릴리스(카나리)"),
        ("began to cancel", "12 runs", "실행 12개 취소 시작"),
        ("ran again", "3 items of {each}", "{each} 항목 3개 다시 실행"),
        ("sang to", "flow Orders", "sang to flow Orders"),
    ],
)
def test_an_entry_is_said_in_korean_and_in_english_as_it_was_written(verb: str, subject: str, korean: str) -> None:
    entry = AuditEntry(verb=verb, subject=subject)
    with override("ko"):
        assert sentence_of(entry) == korean
    with override("en"):
        assert sentence_of(entry) == f"{verb} {subject}"


@pytest.mark.django_db
def test_the_list_holds_the_sentence_and_what_it_is_made_of(client: Client, admin: Person) -> None:
    audit.record(admin.actor, "archived", "flow Orders")
    told = client.get("/api/audit/", headers={**admin.headers, "Accept-Language": "ko"}).json()["results"][0]
    assert (told["verb"], told["subject"], told["sentence"]) == ("archived", "flow Orders", "플로 Orders 보관")
