"""Why things failed stands in journals in English. The editor says it in other languages by patterns of its own, which are
held here against the sources: every sentence that the product fails with has one, and none is of a sentence that is gone."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

import flows
from builder_ui.environment import PROJECT
from flows.errors import LimitExceeded

PATTERNS: Final = json.loads((PROJECT / "builder_ui/editor/src/i18n/en/faults.json").read_text(encoding="utf-8"))
SOURCES: Final = Path(flows.__file__).parent
# Where steps and deliveries fail, and by which errors; `message` and `hint` are those of the machine's own.
PLACES: Final = ("engine", "nodes", "runtime", "expr", "security", "journal")
RAISED: Final = frozenset(
    {"Permanent", "Recoverable", "Critical", "NotSent", "Unanswered", "BadConfig", "Later", "Refused"}
)
FAILURES: Final = frozenset(
    [
        "AnswerNotJson",
        "AnswerTooLarge",
        "BadConfig",
        "BadNodeType",
        "BadResult",
        "CodeFailed",
        "CodeOverMemory",
        "CodeOverTime",
        "CredentialMissing",
        "CredentialRefused",
        "DocumentMissing",
        "EgressRefused",
        "HttpBusy",
        "HttpFailed",
        "MissingField",
        "MissingKey",
        "NameNotFound",
        "NeedsSandbox",
        "NoCase",
        "NoProduct",
        "NoSuchRoot",
        "NobodyCalls",
        "NodeTypeMissing",
        "NotAnOutput",
        "NotComputable",
        "NotLocked",
        "NotSent",
        "NotesUnusable",
        "OutputTooLarge",
        "PayloadMissing",
        "QueryBusy",
        "QueryFailed",
        "SandboxCrashed",
        "SandboxMissing",
        "TimedOut",
        "TooManyRedirects",
        "TooManyRows",
        "Unanswered",
        "UnknownEncoding",
        "Unwritable",
        "UnknownSink",
        "ValueTooLarge",
        "WaitTooLong",
    ]
)


def plain(text: str) -> str:
    """With nothing in its holes, and none beside another."""
    return re.sub(r"(\{\})+", "{}", re.sub(r"\{+\w*\}+", "{}", " ".join(text.split())))


def said(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return plain(node.value)
    if isinstance(node, ast.JoinedStr):
        pieces = [one.value if isinstance(one, ast.Constant) else "{}" for one in node.values]
        return plain("".join(map(str, pieces)))
    return None


def trees(*places: str) -> Iterator[ast.Module]:
    for place in places:
        for file in sorted({*(SOURCES / place).rglob("*.py")} - {*(SOURCES / "runtime/simulation").rglob("*.py")}):
            yield ast.parse(file.read_text(encoding="utf-8"))


def known() -> set[str]:
    return {plain(text) for text in PATTERNS["product"].values()}


def failures() -> Iterator[str]:
    """Every sentence and hint that a step or a delivery fails with."""
    for tree in trees(*PLACES):
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and node.bases and node.name in FAILURES:
                yield plain(ast.get_docstring(node) or "")
                for line in node.body:
                    if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "hint":
                        yield said(line.value) or ""
            elif isinstance(node, ast.Call) and ast.unparse(node.func) == "ErrorInfo":
                yield from (said(one.value) or "" for one in node.keywords if one.arg in ("message", "hint"))
            elif isinstance(node, ast.Call) and ast.unparse(node.func) in RAISED:
                yield from (
                    said(one) or "" for one in [*node.args, *(k.value for k in node.keywords if k.arg == "reason")]
                )
            elif isinstance(node, ast.Call) and ast.unparse(node.func) in FAILURES:
                yield from (said(one.value) or "" for one in node.keywords if one.arg == "reason")


# What somebody else said, alone or behind a field or an address.
OF_OTHERS: Final = frozenset({"", "{}", "{}: {}", "url: {}", "/{}: {}"})


@pytest.mark.parametrize("sentence", sorted(set(failures()) - OF_OTHERS))
def test_the_editor_knows_every_sentence_the_product_fails_with(sentence: str) -> None:
    assert sentence in known()


def test_the_editor_knows_no_sentence_that_is_gone() -> None:
    there = {plain(LimitExceeded(what="{what}", size="{size}", limit="{limit}").message)}
    there |= {
        found for tree in trees(*PLACES, "dsl") for node in ast.walk(tree) if (found := said_by(node)) is not None
    }
    assert sorted(known() - there) == []


def said_by(node: ast.AST) -> str | None:
    return said(node) if isinstance(node, ast.Constant | ast.JoinedStr) else None
