"""Every text marked for translation has its Korean, with the same fields, and the compiled words are the source's."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils.translation.template import templatize

from tests.architecture.files import ROOT, tracked, tree
from tests.korean import compiled

MARKS = {"_", "gettext", "gettext_lazy", "gettext_noop", "pgettext", "ngettext", "ngettext_lazy"}
IN_TEMPLATE = re.compile(
    r"""gettext\(u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\)|_\(('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\)"""
)
FIELD = re.compile(r"\{\w*\}|%\(\w+\)[sd]|%[sd]")
PLACES = {"flows": ("flows/",), "builder_ui": ("builder_ui/", "templates/")}


def catalogue(part: str) -> Path:
    return ROOT / part / "locale" / "ko" / "LC_MESSAGES" / "django.po"


def entries(part: str) -> dict[str, str]:
    """msgid -> msgstr of a .po, fuzzy ones as empty."""
    found: dict[str, str] = {}
    for block in catalogue(part).read_text(encoding="utf-8").split("\n\n"):
        texts = {"msgid": "", "msgstr": ""}
        word = ""
        for line in block.splitlines():
            match = re.match(r'(?:(msgid|msgstr)(?:\[0\])? )?(".*")$', line)
            word = (match and match[1]) or word
            if match and word:
                texts[word] += ast.literal_eval(match[2])
        if texts["msgid"]:
            assert texts["msgid"] not in found, f"{texts['msgid']!r} stands twice"
            found[texts["msgid"]] = "" if "#, fuzzy" in block else texts["msgstr"]
    return found


def marked_in_python(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        first = node.args[0] if name in MARKS and node.args else None
        if isinstance(first, ast.Constant) and isinstance(first.value, str) and first.value:
            yield first.value


def marked_in_template(path: Path) -> Iterator[str]:
    for single, double in IN_TEMPLATE.findall(templatize(path.read_text(encoding="utf-8"))):
        yield ast.literal_eval(single or double)


def marked(part: str) -> set[str]:
    found: set[str] = set()
    for path in tracked():
        if not path.relative_to(ROOT).as_posix().startswith(PLACES[part]) or "migrations" in path.parts:
            continue
        if path.suffix == ".py":
            found.update(marked_in_python(path))
        elif path.suffix == ".html":
            found.update(marked_in_template(path))
    return found


@pytest.mark.parametrize("part", PLACES)
def test_every_marked_text_has_its_korean(part: str) -> None:
    known = entries(part)
    assert sorted(text for text in marked(part) if not known.get(text)) == []


@pytest.mark.parametrize("part", PLACES)
def test_no_korean_is_missing_or_fuzzy(part: str) -> None:
    assert [text for text, korean in entries(part).items() if not korean] == []


@pytest.mark.parametrize("part", PLACES)
def test_the_korean_has_the_fields_of_the_english(part: str) -> None:
    for english, korean in entries(part).items():
        assert sorted(set(FIELD.findall(english))) == sorted(set(FIELD.findall(korean))), english


@pytest.mark.parametrize("part", PLACES)
def test_the_compiled_words_are_those_of_the_source(part: str) -> None:
    assert compiled(part) == entries(part)
