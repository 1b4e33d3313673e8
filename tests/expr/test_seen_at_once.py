"""What is seen of an expression by a pattern is what its tokens say: where it ends, and that it is within the limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.expr import syntax, template
from flows.expr.errors import BadExpression
from flows.expr.lexer import find_end, measure

pieces = st.sampled_from(
    ["a", "input.n", ".if", "7", " ", ",", "+", "==", "(", ")", "[", "]", "((", "))", "{", "}", "}}", "'", '"', "''", "'''", "'x y'",
     '"it"', "'('", "'}}'", "'\\'", "\\", "\n", "#", "$", "r'a'", "f'{a}'", "f'a'", "물"]
)  # fmt: skip
texts = st.lists(pieces, max_size=14).map("".join)


@given(texts)
def test_an_expression_ends_where_its_tokens_say(text: str) -> None:
    seen = template._PLAIN.match(text)
    try:
        end = find_end(text, 0)
    except BadExpression:
        return  # what no token begins with is told by whoever reads the expression
    assert seen is None or seen.end() == end


@given(texts)
def test_what_is_short_and_simple_is_within_the_limits(source: str) -> None:
    if len(source) <= syntax._SHORT and syntax._SIMPLE.fullmatch(source):
        measure(source)


@pytest.mark.parametrize(
    "source",
    ["max(nodes.a.n, 7)", "input.rows[index].name", "str(len(input.a)) + 'x'", "[input.a, (1, 2)]", '"a" in input.b'],
)
def test_most_of_what_people_write_is_seen_at_once(source: str) -> None:
    assert template._PLAIN.match(source + "}}")
    assert syntax._SIMPLE.fullmatch(source)


@pytest.mark.parametrize(
    "source", ["(" * 40_000, "(a" * 20_000, "'a" * 20_001, "[" * 20_000 + "]" * 20_000, "a(" + "'b'" * 20_000]
)
def test_what_is_none_is_gone_through_once(source: str) -> None:
    """A pattern that tried a second time what it tried before would take hours here."""
    assert template._PLAIN.match(source + "}") is None
    assert syntax._SIMPLE.fullmatch(source) is None
