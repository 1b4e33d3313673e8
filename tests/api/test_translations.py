import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils.translation import override

import flows
from flows.api import problems
from flows.api.addresses import urlpatterns
from flows.dsl.problem import KINDS
from flows.dsl.validate import validate
from flows.engine.cases import SENTENCES
from flows.engine.integrity import FINDINGS
from flows.engine.obstacles import SENTENCES as OBSTACLES
from flows.errors import MulgilError
from flows.nodes.installed import catalogue
from flows.nodes.ml_reasons import REASONS
from flows.operations.reasons import TEMPLATES
from flows.runtime.beside import CANCELLED

COMPILED = Path(flows.__file__).parent / "locale" / "ko" / "LC_MESSAGES" / "django.mo"
LAYERS = (
    "flows.errors",
    "flows.nodes",
    "flows.operations",
    "flows.api",
    "flows.live",
    "flows.triggers",
    "flows.dsl.read",
)


def korean() -> gettext.GNUTranslations:
    with COMPILED.open("rb") as file:
        return gettext.GNUTranslations(file)


def errors(above: type[MulgilError] = MulgilError) -> Iterator[type[MulgilError]]:
    for one in above.__subclasses__():
        yield one
        yield from errors(one)


def texts() -> list[str]:
    assert urlpatterns  # the endpoints are imported, and with them every error they raise
    found = [one for one in errors() if one.__module__.startswith(LAYERS)]
    said = [" ".join((one.__doc__ or "").split()) for one in found] + [one.hint for one in found]
    said += [text for table in (KINDS, FINDINGS) for sentence_and_mend in table.values() for text in sentence_and_mend]
    said += [*SENTENCES.values(), *OBSTACLES.values(), *TEMPLATES, *REASONS, CANCELLED]
    alike = {"", "{reason}", "{field}: {reason}"}
    return sorted({text for text in [*said, *problems._TITLES.values()] if text not in alike})


@pytest.mark.parametrize("text", texts())
def test_every_error_and_problem_is_told_in_korean_with_its_fields(text: str) -> None:
    told = korean().gettext(text)
    assert told != text
    names = {part.partition("}")[0] for part in text.split("{")[1:]}
    assert names == {part.partition("}")[0] for part in told.split("{")[1:]}


def phrases() -> list[str]:
    """The parts of sentences that errors are raised with, as the sources hold them."""
    found = set()
    for file in Path(flows.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "phrase":
                (template,) = node.args
                if isinstance(template, ast.Constant) and isinstance(template.value, str):
                    found.add(template.value)
    return sorted(found - {"{value}: {why}"})


@pytest.mark.parametrize("text", phrases())
def test_every_part_of_a_sentence_is_told_in_korean_with_its_fields(text: str) -> None:
    told = korean().gettext(text)
    assert told != text
    assert sorted(re.findall(r"\{\w+\}", text)) == sorted(re.findall(r"\{\w+\}", told))


def test_what_is_wrong_with_an_expression_is_told_whole_in_the_language_asked_for() -> None:
    document = {
        "dsl": 1,
        "nodes": [
            {"id": "start", "type": "trigger.manual"},
            {"id": "one", "type": "data.transform", "config": {"value": "{{ input.a } }}"}},
            {"id": "two", "type": "data.transform", "config": {"value": "{{ who.knows }}"}},
            {"id": "three", "type": "data.transform", "config": {"value": "{{ 1 1 }}"}},
        ],
    }
    found = [one for one in validate(document, catalogue()) if one.path.endswith("/config/value")]
    with override("en"):
        english = [one.message for one in problems.problems_of(found)]
    assert english == [one.message for one in found]
    assert english[0] == "value: } closes nothing"
    with override("ko"):
        told = [(one.message, one.hint) for one in problems.problems_of(found)]
    assert [message for message, _ in told[:2]] == [
        "value: } 에 짝이 되는 여는 괄호가 없습니다",
        "value: who 은(는) 알 수 없는 이름입니다",
    ]
    assert [one for pair in told for one in pair if not re.search("[가-힣]", one)] == []


def test_a_flow_has_one_name_in_korean() -> None:
    # The catalogue's own keys are the English sentences; "" is its header.
    told = korean()._catalog.values()  # type: ignore[attr-defined]  # the one place that lists what was compiled
    assert [text for text in told if "플로우" in text] == []
