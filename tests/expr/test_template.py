import pytest

from flows.expr.compile import compile_value
from flows.expr.errors import BadExpression
from flows.expr.template import parse
from tests.expr.cast import value


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        ("plain", []),
        ("{{ input.x }}", [" input.x "]),
        ("a {{ 1 }} b {{ 2 }}", [" 1 ", " 2 "]),
        ("{{a}}{{b}}", ["a", "b"]),
        ("{{ {'a': {}}}}", [" {'a': {}}"]),
        ("{{ {1:{2:3}} }}", [" {1:{2:3}} "]),
        ("{{ '}}' }}", [" '}}' "]),
        ("{{ \"}}\" + '''}}''' }}", [" \"}}\" + '''}}''' "]),
        (r"{{ '\'}}' }}", [r" '\'}}' "]),
        (r"{{ r'\' }}' }}", [r" r'\' }}' "]),
        ("{{ a['}}'] }}", [" a['}}'] "]),
        ("{{ x }} }}", [" x "]),
        ("{{ f'{x}}}' }}", [" f'{x}}}' "]),
        ("{ {x} }", []),
        ("{{\n input.x\n}}", ["\n input.x\n"]),
    ],
)
def test_an_expression_ends_at_the_first_braces_outside_brackets_and_strings(text: str, sources: list[str]) -> None:
    assert [one.text for one in parse(text).sources] == sources


@pytest.mark.parametrize(
    "text",
    [
        "{{",
        "{{ }}",
        "{{}}",
        "{{ 'a }}",
        "x {{ [1}} ] }}",
        "{{ ) }}",
        "{{ (1] }}",
        "{{ a # b }}",
        "{{ $x }}",
        "{{ ? }}",
        "{{ 'a\nb' }}",
    ],
)
def test_braces_that_hold_no_expression_are_refused(text: str) -> None:
    with pytest.raises(BadExpression) as caught:
        compile_value(text)
    assert 0 <= caught.value.offset <= len(text)


def test_literal_braces_are_an_expression_that_is_a_string() -> None:
    assert value("{{ '{{' }}") == "{{"
    assert value("{{ '{{' }} x {{ '}}' }}") == "{{ x }}"


def test_a_string_that_is_one_expression_keeps_the_type_of_its_value() -> None:
    assert value("{{ input.rows }}") is not None
    assert value("{{ input.a }}") == 1
    assert value("{{ input.nothing }}") is None
    assert value("{{ 1 == 1 }}") is True


def test_inside_a_longer_text_a_value_is_its_json() -> None:
    assert value("a {{ input.a }} b") == "a 1 b"
    assert value(" {{ input.a }}") == " 1"
    assert value("{{ true }},{{ null }},{{ 1.5 }},{{ [1, 'x'] }},{{ input.name }}") == 'true,null,1.5,[1,"x"],Mina'


def test_text_that_comes_out_of_an_expression_is_never_evaluated() -> None:
    roots = {"input": {"x": "{{ input.secret }}", "secret": "s"}}
    assert value("{{ input.x }}", roots) == "{{ input.secret }}"
    assert value("<{{ input.x }}>", roots) == "<{{ input.secret }}>"


def test_a_text_of_thousands_of_expressions_is_refused_before_they_are_read() -> None:
    assert len(parse("{{ 1 }} " * 1_000).sources) == 1_000
    with pytest.raises(BadExpression, match="more than 1000 expressions"):
        parse("{{ 1 }}" * 280_000)
