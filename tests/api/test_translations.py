import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

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
from flows.engine.state import Status as StepStatus
from flows.errors import MulgilError, NotFound, phrase
from flows.models.run import Status
from flows.nodes.installed import catalogue
from flows.nodes.ml_reasons import REASONS
from flows.operations.reasons import TEMPLATES
from flows.operations.saying import WORDS, message_of
from flows.runtime.beside import CANCELLED
from tests.korean import compiled, korean

PARTICLE = re.compile(
    r"\((?:을|를|은|는|이|가|과|와|으|이라)\)|(?:\}|\)s)[\"'”’»]?(?:을|를|은|는|이|가|과|와|으로|로|이라|라|여야|였습니다)(?![가-힣])"
)
SPEAKING = {"NotFound", "RunEnded", "LimitExceeded", "TooMuch", "NoProduct", "settle"}
LAYERS = (
    "flows.errors",
    "flows.nodes",
    "flows.operations",
    "flows.api",
    "flows.live",
    "flows.triggers",
    "flows.dsl.read",
)


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
    return sorted(found - {"{value}: {why}", "{some} {more}"})


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
    assert english[0] == "Value: } closes nothing"
    with override("ko"):
        told = [(one.message, one.hint) for one in problems.problems_of(found)]
    assert [message for message, _ in told[:2]] == [
        "값: } 에 짝이 되는 여는 괄호가 없습니다",
        "값: 알 수 없는 이름입니다: who",
    ]
    assert [one for pair in told for one in pair if not re.search("[가-힣]", one)] == []


def words() -> list[str]:
    """Words of the product's own that stand in the fields of its sentences: what isn't there, what is too large."""
    found = {*Status.values, *get_args(StepStatus), "a trigger", "a container"} - {"ready"}  # ready is told as pending
    for file in Path(flows.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SPEAKING:
                given = [one.value for one in node.keywords if one.arg in WORDS]
                found |= {one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return sorted(found)


@pytest.mark.parametrize("word", words())
def test_every_word_that_stands_in_a_sentence_is_told_in_korean(word: str) -> None:
    assert korean().gettext(word) != word


def test_a_word_in_a_sentence_is_told_with_it_and_what_isnt_a_word_of_ours_stays() -> None:
    with override("ko"):
        assert message_of(NotFound(thing="circuit breaker")) == "찾을 수 없습니다: 회로 차단기"
        assert message_of(NotFound(thing=phrase("canary"))) == "찾을 수 없습니다: 카나리"
        assert message_of(NotFound(thing="Orders")) == "찾을 수 없습니다: Orders"
    with override("en"):
        assert message_of(NotFound(thing="circuit breaker")) == "There is no such circuit breaker."


@pytest.mark.parametrize(
    "retired", ["플로우", "워크스페이스", "노드 타입", "노드 종류", "연결선", "까닭", "하십시오", "보상"]
)
def test_a_thing_has_one_name_in_korean(retired: str) -> None:
    assert [text for text in compiled().values() if retired in text] == []


def test_no_particle_hangs_on_what_is_filled_in() -> None:
    # Which one is right depends on the sound before it, and both in brackets is how a form speaks, not a person.
    assert [text for text in compiled().values() if PARTICLE.search(text)] == []


@pytest.mark.parametrize(
    "text", ["{name}을(를) 보냅니다.", "{sign} 은(는) 빠졌습니다", "%(name)s(으)로 갑니다", "{one}와 {two}", "v{to}로"]
)
def test_a_particle_that_hangs_on_what_is_filled_in_is_found(text: str) -> None:
    assert PARTICLE.search(text)


@pytest.mark.parametrize(
    "text", ["{name} 노드를 보냅니다.", "한도({limit})를 넘습니다", "{name}에서", "{name} 이후", "{field}이어야"]
)
def test_a_particle_on_a_word_of_the_sentence_itself_is_none_of_those(text: str) -> None:
    assert PARTICLE.search(text) is None


def test_a_problem_of_a_config_names_the_field_as_the_form_does_in_the_readers_language() -> None:
    nodes = [
        {"id": "start", "type": "trigger.manual"},
        {"id": "a", "type": "data.set"},
        {"id": "b", "type": "flow.switch", "config": {"value": 1, "cases": [{"port": 1, "when": "{{ 1 }}"}]}},
    ]
    found = validate(
        {"dsl": 1, "nodes": nodes, "edges": [{"from": "start", "to": "a"}, {"from": "a", "to": "b"}]}, catalogue()
    )
    with override("ko"):
        said = {one.path: one.message for one in problems.problems_of(found)}
    assert said["/nodes/1/config/fields"] == "필드: 값이 없습니다."
    assert said["/nodes/2/config/cases/0/port"].startswith("경우 › 1 › 포트")
