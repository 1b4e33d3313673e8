"""The first tier gives what Python in the sandbox gives: the same value, or the same kind of error."""

import ast
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.expr.closed import Closure, Scope, close
from flows.expr.compile import compile_value
from flows.expr.errors import ExprError, MissingKey
from flows.expr.evaluate import Moment, OpenExpression, evaluate
from flows.expr.names import ROOTS as ROOT_NAMES
from flows.expr.sandbox import Sandbox
from flows.expr.script import Writer
from flows.expr.syntax import read
from tests.expr.cast import ROOTS


class RootsOnly(Writer):
    """Takes out the bare roots alone, so that every path and operator runs in the sandbox."""

    def taken_out(self, node: ast.expr) -> Closure | None:
        return close(node) if isinstance(node, ast.Name) and node.id in ROOT_NAMES else None


keys = st.sampled_from(
    ["a", "name", "rows", "nothing", "from", "class", "if", "price", "unit", "missing", "body", "items"]
)
indexes = st.sampled_from(
    ["[0]", "[1]", "[-1]", "[9]", "['price']", "['a b']", "[input.a]", "[true]", "[null]", "[1.0]"]
)
paths = st.builds(
    lambda root, steps: root + "".join(steps),
    st.sampled_from(["input", "nodes.charge", "nodes.skipped", "run", "vars.region", "now", "item"]),
    st.lists(keys.map(lambda key: f".{key}") | indexes, max_size=4),
)
constants = st.sampled_from(
    ["0", "1", "-1", "2", "7", "1.5", "-0.0", "1e22", "9223372036854775807", "''", "'a'", "'kg'", "'%d'", "true", "false",
     "null", "None", "[]", "()", "{}"]
)  # fmt: skip


def compounds(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    binary = st.sampled_from(
        ["+", "-", "*", "/", "//", "%", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "and", "or"]
    )
    return st.one_of(
        st.builds(lambda left, op, right: f"({left} {op} {right})", inner, binary, inner),
        st.builds(lambda op, one: f"({op} {one})", st.sampled_from(["not", "-", "+"]), inner),
        st.builds(lambda yes, test, no: f"({yes} if {test} else {no})", inner, inner, inner),
        st.builds(lambda one, op, what: f"({one} {op} {what})", inner, st.sampled_from(["is", "is not"]),
                  st.sampled_from(["null", "true", "False"])),
        st.builds(lambda one, two, three: f"({one} < {two} <= {three})", inner, inner, inner),
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.lists(inner, min_size=1, max_size=3).map(lambda items: f"({', '.join(items)},)"),
        inner.map(lambda one: f"{{'k': {one}}}"),
        st.builds(lambda one, step: f"({one}){step}", inner, indexes | keys.map(lambda key: f".{key}")),
    )  # fmt: skip


expressions = st.recursive(paths | constants, compounds, max_leaves=8)


def typed(found: Any) -> Any:
    """A value with the types Python's `==` overlooks."""
    if isinstance(found, dict):
        return {key: typed(inner) for key, inner in found.items()}
    if isinstance(found, list):
        return [typed(inner) for inner in found]
    return (type(found).__name__, repr(found))


def first_tier(source: str) -> Any:
    compiled = compile_value(f"{{{{ {source} }}}}")
    assert compiled.is_closed
    try:
        return typed(compiled.resolve(ROOTS))
    except ExprError as error:
        return said(error)


async def second_tier(source: str, sandbox: Sandbox) -> Any:
    expression = read(source)
    writer = RootsOnly("_e0_")
    one = OpenExpression(expression.text, "", writer.write(expression.tree), writer.values)
    try:
        (found,) = await evaluate([one], Scope(ROOTS), sandbox, Moment(0, 0))
    except ExprError as error:
        return said(error)
    return typed(found)


def said(error: ExprError) -> tuple[str, str]:
    """An error by its kind; what a missing key is told about must agree to the word."""
    return (error.code, str(error.fields["known"]) if isinstance(error, MissingKey) else "")


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(source=expressions)
async def test_both_tiers_give_the_same(source: str, sandbox: Sandbox) -> None:
    assert first_tier(source) == await second_tier(source, sandbox)
