"""Why things failed stands in journals in English. The editor says it in other languages by patterns of its own, which are
held here against the sources: every sentence that the product fails with has one, and none is of a sentence that is gone."""

import ast
import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

import flows
import flows.nodes
from builder_ui.environment import PROJECT
from flows.errors import LimitExceeded, MulgilError
from flows.nodes.ml_reasons import REASONS
from flows.runtime.beside import CANCELLED

PATTERNS: Final = json.loads((PROJECT / "builder_ui/editor/src/i18n/en/faults.json").read_text(encoding="utf-8"))
SOURCES: Final = Path(flows.__file__).parent
# Where steps and deliveries fail, and by which errors; `message` and `hint` are those of the machine's own.
PLACES: Final = ("engine", "nodes", "runtime", "expr", "security", "journal")
RAISED: Final = frozenset(
    {"Permanent", "Recoverable", "Critical", "NotSent", "Unanswered", "BadConfig", "Later", "Refused", "step.not_sent"}
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


def of_the_nodes() -> list[type[MulgilError]]:
    """Every error of a node, whoever adds one."""
    for module in pkgutil.iter_modules(flows.nodes.__path__, "flows.nodes."):
        importlib.import_module(module.name)
    above: list[type[MulgilError]] = [MulgilError]
    found: list[type[MulgilError]] = []
    while above:
        one = above.pop()
        above += one.__subclasses__()
        if one.__module__.startswith("flows.nodes."):
            found.append(one)
    return found


def known() -> set[str]:
    return {plain(text) for text in PATTERNS["product"].values()}


def failures() -> Iterator[str]:
    """Every sentence and hint that a step or a delivery fails with."""
    names = FAILURES | {one.__name__ for one in of_the_nodes()}
    yield from (plain(text) for one in of_the_nodes() for text in (one.__doc__ or "", one.hint))
    yield from map(plain, (*REASONS, CANCELLED))
    yield from unfit()
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
            elif isinstance(node, ast.Call) and ast.unparse(node.func) in names:
                yield from (said(one.value) or "" for one in node.keywords if one.arg == "reason")


def unfit() -> Iterator[str]:
    """What the forms of nodes and credentials refuse by rules of their own."""
    for tree in trees("nodes"):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "ValueError":
                yield from (said(_template(one)) or "" for one in node.args)


def _template(node: ast.expr) -> ast.expr:
    """Of a sentence that knows what it was made of, the sentence."""
    return node.args[0] if isinstance(node, ast.Call) and ast.unparse(node.func) == "phrase" else node


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


# --- the nodes of models: their sentences go into one another, so that raising is not where they stand ------------

NODES: Final = SOURCES / "nodes"
OF_MODELS: Final = [
    *sorted({*NODES.glob("ml_*.py")} - {NODES / "ml_reasons.py"}),
    NODES / "deploying.py",
    NODES / "registering.py",
]
THREE_WORDS: Final = re.compile(r"[A-Za-z']+ [a-z']+ [a-z']+")
# For people who look at the log of a step, or at the form of a node.
ELSEWHERE: Final = ("_", "step.log", "self.step.log")


def spoken(tree: ast.AST) -> Iterator[str]:
    """Texts of three words and more that are neither a docstring nor a hint, nor said where no journal keeps them."""
    for node in ast.iter_child_nodes(tree):
        is_told = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        is_hint = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "hint"
        is_elsewhere = isinstance(node, ast.Call) and ast.unparse(node.func) in ELSEWHERE
        is_heard = isinstance(node, ast.Compare)  # what somebody else may say
        if is_told or is_hint or is_elsewhere or is_heard:
            continue
        text = said_by(node)
        if text is None:
            yield from spoken(node)
        elif THREE_WORDS.search(text):
            yield text


@pytest.mark.parametrize("file", OF_MODELS, ids=lambda file: file.name)
def test_a_node_of_models_says_nothing_but_its_reasons_and_its_errors(file: Path) -> None:
    assert list(spoken(ast.parse(file.read_text(encoding="utf-8")))) == []
