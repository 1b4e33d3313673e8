import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.expr.errors import BadExpression, ExpressionTooLarge
from flows.expr.lexer import MAX_LENGTH, MAX_OPERATORS, measure, tokens
from flows.expr.syntax import read
from tests.expr.cast import value


@pytest.mark.parametrize("word", keyword.kwlist)
def test_after_a_dot_a_keyword_is_a_key(word: str) -> None:
    assert value(f"{{{{ input.{word} + input . {word} }}}}", {"input": {word: 2}}) == 4


@pytest.mark.parametrize("source", ["input.x", "input.x\n + 1", "\n\n input\n.x", "(input\n.x)"])
def test_an_expression_may_run_over_several_lines(source: str) -> None:
    assert read(source).text == source.strip()


@pytest.mark.parametrize(("count", "fits"), [(MAX_OPERATORS, True), (MAX_OPERATORS + 1, False)])
@pytest.mark.parametrize("make", [lambda n: "1" + "+1" * n, lambda n: "not " * n + "1", lambda n: "input" + ".a" * n,
                                  lambda n: "-" * n + "1", lambda n: "[" * (n // 2) + "]" * (n - n // 2) if n % 2 == 0 else "[" * n])  # fmt: skip
def test_two_hundred_brackets_or_operators_fit(make: "object", count: int, fits: bool) -> None:
    source = make(count)  # type: ignore[operator]  # a function of the list above
    if fits:
        read(source)
    else:
        with pytest.raises(ExpressionTooLarge):
            read(source)


def test_the_limit_of_bytes_counts_bytes() -> None:
    assert measure("'" + "a" * (MAX_LENGTH - 2) + "'")
    with pytest.raises(ExpressionTooLarge):
        measure("'" + "물" * (MAX_LENGTH // 3 + 1) + "'")


def test_the_fields_of_an_f_string_count() -> None:
    with pytest.raises(ExpressionTooLarge):
        read("f'" + "{1+1}" * 100 + "'")


@given(st.text(alphabet="ab1.'\"(){}[]+-*/<>=!,: \\\nfr#$", max_size=30))
def test_no_text_makes_the_parser_fall(source: str) -> None:
    offset = 0
    try:
        read(source)
    except BadExpression as error:
        offset = error.offset
    assert 0 <= offset <= len(source)


@given(st.text(max_size=40))
def test_tokens_cover_the_text_in_order(source: str) -> None:
    try:
        found = list(tokens(source))
    except BadExpression:
        return
    assert "".join(one.text for one in found) == "".join(source[one.start : one.end] for one in found)
    assert [one.start for one in found] == sorted(one.start for one in found)


@pytest.mark.parametrize(
    ("source", "hint"),
    [
        ("nodes", "nodes.<id>"),
        ("foo.x", "start at input"),
        ("1 is 2", "=="),
        ("input.x.foo()", "method"),
        ("await x", "Await"),
    ],
)
def test_what_is_not_allowed_says_what_is(source: str, hint: str) -> None:
    with pytest.raises(BadExpression) as caught:
        read(source)
    assert hint in f"{caught.value.message} {caught.value.hint}"


def test_a_syntax_error_tells_where() -> None:
    with pytest.raises(BadExpression) as caught:
        read("input.x + * 2")
    assert caught.value.offset == 10
