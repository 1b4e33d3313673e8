"""What a form can refuse, in the reader's language: every kind of complaint that the schemas of the catalogue can raise."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from cronsim import cronsim
from django.utils.translation import override
from pydantic import BaseModel

import flows
from flows.dsl.document import Document
from flows.dsl.phrases import SENTENCES
from flows.dsl.validate import validate
from flows.nodes.catalogue import load_catalogue
from flows.nodes.credential_kinds import KINDS, BadCredential, check_credential
from flows.nodes.installed import catalogue
from flows.nodes.schedule import _WHY
from flows.operations.saying import message_of, translated
from tests.cast import with_nodes
from tests.korean import korean

SOURCES: Final = Path(flows.__file__).parent
FORMS: Final[Mapping[str, type[BaseModel]]] = {
    "document": Document,
    **{one.name: one.config for one in load_catalogue()},
    **{f"output of {one.name}": one.output for one in load_catalogue() if one.output is not None},
    **{f"credential {name}": form for name, form in KINDS.items()},
}
NUMBER: Final = {
    "gt": "greater_than", "ge": "greater_than_equal", "lt": "less_than", "le": "less_than_equal",
    "multiple_of": "multiple_of",
}  # fmt: skip
LENGTH: Final = {"min_length": "too_short", "max_length": "too_long"}
TEXT: Final = {
    "min_length": "string_too_short", "max_length": "string_too_long", "pattern": "string_pattern_mismatch",
}  # fmt: skip
# What pydantic complains of by the kind of a schema alone, and by what it is bounded by besides.
RAISES: Final[Mapping[str, tuple[frozenset[str], Mapping[str, str]]]] = {
    "any": (frozenset(), {}),
    "bool": (frozenset({"bool_type", "bool_parsing"}), {}),
    "default": (frozenset(), {}),
    "definition-ref": (frozenset(), {}),
    "definitions": (frozenset(), {}),
    "dict": (frozenset({"dict_type"}), LENGTH),
    "enum": (frozenset({"enum"}), {}),
    "float": (frozenset({"float_type", "float_parsing", "finite_number"}), NUMBER),
    "function-after": (frozenset(), {}),
    "function-before": (frozenset(), {}),
    "function-plain": (frozenset(), {}),
    "function-wrap": (frozenset(), {}),
    "int": (frozenset({"int_type", "int_parsing", "int_parsing_size", "int_from_float", "finite_number"}), NUMBER),
    "lax-or-strict": (frozenset(), {}),
    "json-or-python": (frozenset(), {}),
    "list": (frozenset({"list_type"}), LENGTH),
    "literal": (frozenset({"literal_error"}), {}),
    "model": (frozenset({"model_type"}), {}),
    "model-field": (frozenset(), {}),
    "model-fields": (frozenset({"missing", "extra_forbidden", "model_attributes_type", "invalid_key"}), {}),
    "none": (frozenset({"none_required"}), {}),
    "nullable": (frozenset(), {}),
    "str": (frozenset({"string_type", "string_unicode"}), TEXT),
    "tagged-union": (frozenset({"union_tag_invalid", "union_tag_not_found"}), {}),
    "tuple": (frozenset({"tuple_type"}), LENGTH),
    "union": (frozenset(), {}),
}


def schemas(value: Any) -> Iterator[dict[str, Any]]:
    """Every schema within one of pydantic's own."""
    stack = [value]
    while stack:
        one = stack.pop()
        if isinstance(one, dict):
            if isinstance(one.get("type"), str):
                yield one
            stack += [
                inner
                for name, inner in one.items()
                if name not in ("serialization", "metadata", "expected", "function")
            ]
        elif isinstance(one, list | tuple):
            stack += one


def raised_by(form: type[BaseModel]) -> set[str]:
    found: set[str] = set()
    for one in schemas(form.__pydantic_core_schema__):
        alone, bounded = RAISES[one["type"]]
        found |= alone | {kind for bound, kind in bounded.items() if one.get(bound) is not None}
    return found


def custom() -> Iterator[tuple[str, str]]:
    """The kinds of complaint that forms of ours raise by a name of their own."""
    for place in ("dsl", "nodes"):
        for file in sorted((SOURCES / place).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "PydanticCustomError":
                    yield file.name, ast.literal_eval(node.args[0])


def sentences() -> Iterator[tuple[str, str]]:
    """What the forms of the nodes refuse by rules of their own: the sentence, or how it was put together instead."""
    for file in sorted((SOURCES / "nodes").glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "ValueError":
                said = node.args[0]
                if isinstance(said, ast.Call) and ast.unparse(said.func) == "phrase":
                    said = said.args[0]
                if isinstance(said, ast.Constant):
                    yield file.name, str(said.value)
                elif not isinstance(said, ast.Attribute | ast.Name):  # one of a table, which has a test of its own
                    yield file.name, ast.unparse(said)


@pytest.mark.parametrize("name", FORMS)
def test_every_complaint_a_form_can_raise_has_a_sentence(name: str) -> None:
    assert raised_by(FORMS[name]) - set(SENTENCES) == set()


def test_every_complaint_of_our_own_has_a_sentence() -> None:
    own = {"bad_duration", "bad_instant"}  # they have sentences among the problems of documents
    assert {kind for _, kind in custom()} - set(SENTENCES) - own == set()


@pytest.mark.parametrize("template", sorted(set(SENTENCES.values())))
def test_every_sentence_is_told_in_korean_with_its_values(template: str) -> None:
    told = korean().gettext(template)
    assert told != template
    assert sorted(re.findall(r"\{\w+\}", template)) == sorted(re.findall(r"\{\w+\}", told))


@pytest.mark.parametrize(("file", "sentence"), sorted(set(sentences())))
def test_every_rule_of_a_form_is_told_in_korean(file: str, sentence: str) -> None:
    assert korean().gettext(sentence) != sentence


def test_every_reason_why_an_expression_is_no_cron_is_known() -> None:
    fields = {cronsim.Field(number).msg() for number in range(1, 6)}
    assert set(_WHY) == fields | {"Wrong number of fields"}


@pytest.mark.parametrize(
    ("type_", "config", "told"),
    [
        ("flow.wait", {"for": "3 hours"}, "기다릴 기간: 3 hours 값은 기간이 아닙니다."),
        ("trigger.schedule", {"cron": "61 * * * *"}, "config: '61 * * * *': cron 표현식이 아닙니다: 분이 잘못되었습니다"),
        ("trigger.schedule", {"cron": "* * *"}, "config: '* * *': cron 표현식이 아닙니다: 필드는 다섯 개이고, 앞에 초를 쓰면 여섯 개입니다"),
        ("trigger.schedule", {"every": "1h", "timezone": "Mars"}, "config: 'Mars': 시간대가 아닙니다. Asia/Seoul이나 UTC처럼 쓰세요"),
        ("outbox.publish", {"topic": "a", "headers": {"Content-Type": "x"}}, "config: Content-Type 헤더는 전달할 때 저절로 정해집니다"),
        ("flow.while", {"condition": True, "max": 0}, "최대 횟수: 1 이상이어야 합니다."),
        ("flow.stop", {"outcome": "perhaps"}, "결과: 쓸 수 있는 값은 'success' 또는 'error'입니다."),
    ],
)  # fmt: skip
def test_a_reader_of_korean_is_told_what_is_wrong_with_a_config(type_: str, config: dict[str, Any], told: str) -> None:
    nodes = [{"id": "start", "type": "trigger.manual"}, {"id": "it", "type": type_, "config": config}]
    document = with_nodes(*nodes) if not type_.startswith("trigger") else {"dsl": 1, "nodes": nodes, "edges": []}
    found = [one for one in validate(document, catalogue()) if one.path.startswith("/nodes/1/config")]
    with override("ko"):
        assert [translated(one.template, one.params) for one in found] == [told]


def test_a_reader_of_korean_is_told_what_is_wrong_with_a_credential() -> None:
    with pytest.raises(BadCredential) as refused:
        check_credential("http", {"scheme": "basic"})
    with override("ko"):
        assert message_of(refused.value).endswith("http: basic 방식에는 user, password 값이 필요합니다")
    assert str(refused.value).endswith("http: the scheme basic needs user and password")
    with pytest.raises(BadCredential) as refused:
        check_credential("postgres", {"host": "", "database": "d", "user": "u", "port": "s3cret"})
    with override("ko"):
        told = message_of(refused.value)
    assert told.endswith("host: 1자 이상이어야 합니다. port: 정수여야 합니다.")
    assert "s3cret" not in told
