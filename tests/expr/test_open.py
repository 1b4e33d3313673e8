from typing import Any

import pytest

from flows.expr.compile import compile_value
from flows.expr.errors import BadResult, ExpressionFailed, MissingKey
from flows.expr.sandbox import Sandbox, SandboxMissing
from tests.expr.cast import CLOCK, ROOTS, opened


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("sum([row.price for row in input.rows])", 5),
        ("sorted(input.rows, key=lambda row: row.price)[-1].unit", "g"),
        ("input.name.upper().lower().title()", "Mina"),
        ("[row.unit.upper() for row in input.rows if row.price > input.a + 1]", ["G"]),
        ("{row.unit: row.price for row in input.rows}", {"kg": 2, "g": 3}),
        ("f'{input.name:>6}|{input.a + 1!r}'", "  Mina|2"),
        ("input.rows[0:1]", [{"price": 2, "unit": "kg"}]),
        ("2 ** 10 + (1 << 4) + (6 & 3)", 1042),
        ("list(input.rows[0].keys())", ["price", "unit"]),
        ("input.rows[0].items()", [["price", 2], ["unit", "kg"]]),
        ("range(3)", [0, 1, 2]),
        ("list(map(str, (1, 2)))", ["1", "2"]),
        ("input.rows[0].get('x', 'none')", "none"),
        ("[x for pair in [[1, 2], [3]] for x in pair if x > 1]", [2, 3]),
        ("[*input.rows[0:1], 1]", [{"price": 2, "unit": "kg"}, 1]),
        ("{**input.rows[0], 'unit': 't'}", {"price": 2, "unit": "t"}),
        ("dict(a=1, b=input.a)", {"a": 1, "b": 1}),
        ("min(input.rows, key=lambda item: item.price).unit", "kg"),
        ("','.join([x for x in ['b', 'a']])", "b,a"),
        ("len(input.rows) if input.rows else 0", 2),
        ("[row.nope.deeper for row in [{'nope': null}]]", [None]),
        ("[x.class for x in [{'class': len('ab')}]]", [2]),
        ("any([true, false]) and not all([true, false])", True),
        ("1 if len(input.rows) > 5 else input.name", "Mina"),
        ("(lambda x, y=2: x * y)(3)", 6),
    ],
)
async def test_an_open_form_has_the_value_python_gives(source: str, expected: Any, sandbox: Sandbox) -> None:
    assert not compile_value(f"{{{{ {source} }}}}").is_closed
    assert await opened(f"{{{{ {source} }}}}", sandbox) == expected


async def test_all_the_expressions_of_a_config_go_at_once(sandbox: Sandbox) -> None:
    config: Any = {
        "a": "{{ len(input.rows) }}",
        "b": ["{{ input.a }}", "n={{ max(1, 2) }}!"],
        "c": "{{ input.name.upper() }}",
    }
    assert await opened(config, sandbox) == {"a": 2, "b": [1, "n=2!"], "c": "MINA"}


async def test_a_missing_key_is_the_same_error_in_the_sandbox(sandbox: Sandbox) -> None:
    with pytest.raises(MissingKey, match=r"row\.nope does not exist; the keys are price, unit"):
        await opened("{{ [row.nope for row in input.rows] }}", sandbox)
    with pytest.raises(MissingKey, match=r"input\.nmae does not exist; the keys are a"):
        await opened("{{ len(input.nmae) }}", sandbox)


async def test_what_is_not_needed_is_not_missed(sandbox: Sandbox) -> None:
    assert await opened("{{ input.nmae if len(input.rows) > 5 else 3 }}", sandbox) == 3
    assert await opened("{{ len(input.rows) == 9 and 1 / 0 }}", sandbox) is False


async def test_the_error_names_the_field_it_comes_from(sandbox: Sandbox) -> None:
    config: Any = {"a": "{{ len(input.rows) }}", "b": {"c": ["{{ len(input.a) }}"]}}
    with pytest.raises(ExpressionFailed) as caught:
        await opened(config, sandbox)
    assert caught.value.where == "/b/c/0"
    assert caught.value.message.startswith("len(input.a): TypeError")


async def test_a_method_of_null_is_an_error_of_the_expression(sandbox: Sandbox) -> None:
    with pytest.raises(ExpressionFailed, match="NoneType"):
        await opened("{{ input.nothing.upper() }}", sandbox)


@pytest.mark.parametrize(
    "source", ["{1, 2}", "[{1}]", "len", "lambda: 1", "2 ** 70", "float('nan')", "{'a': float('inf')}", "[chr(0)]"]
)
async def test_what_json_cannot_carry_is_refused(source: str, sandbox: Sandbox) -> None:
    with pytest.raises(BadResult):
        await opened(f"{{{{ {source} }}}}", sandbox)


async def test_a_per_item_field_is_a_list_of_its_values(sandbox: Sandbox) -> None:
    config: Any = {"items": "{{ input.rows }}", "condition": "{{ item.unit.upper() == 'G' and index > 0 }}"}
    compiled = compile_value(config, per_item={"condition": "items"})
    found = await compiled.resolve_with(ROOTS, sandbox, clock=CLOCK, seed=1)
    assert found == {"items": ROOTS["input"]["rows"], "condition": [False, True]}


async def test_a_per_item_field_is_as_lazy_as_python_is(sandbox: Sandbox) -> None:
    config: Any = {"items": [{"x": "a"}, {}], "condition": "{{ item.x.upper() if index == 0 else 'none' }}"}
    compiled = compile_value(config, per_item={"condition": "items"})
    found = await compiled.resolve_with(ROOTS, sandbox, clock=CLOCK, seed=1)
    assert found == {"items": [{"x": "a"}, {}], "condition": ["A", "none"]}


async def test_thousands_of_items_go_through_in_few_turns(sandbox: Sandbox) -> None:
    config: Any = {"items": [{"n": number} for number in range(12_000)], "condition": "{{ str(item.n + index) }}"}
    compiled = compile_value(config, per_item={"condition": "items"})
    found: Any = await compiled.resolve_with(ROOTS, sandbox, clock=CLOCK, seed=1)
    assert found["condition"] == [str(2 * number) for number in range(12_000)]


def test_a_closed_per_item_field_needs_no_sandbox() -> None:
    compiled = compile_value(
        {"items": "{{ input.rows }}", "condition": "{{ item.price > 2 }}"}, per_item={"condition": "items"}
    )
    assert compiled.is_closed
    assert compiled.resolve(ROOTS) == {"items": ROOTS["input"]["rows"], "condition": [False, True]}


def test_a_per_item_field_without_an_expression_is_the_same_for_each() -> None:
    compiled = compile_value({"items": [1, 2], "condition": True}, per_item={"condition": "items"})
    assert compiled.resolve({}) == {"items": [1, 2], "condition": [True, True]}


def test_items_that_are_no_list_are_told() -> None:
    compiled = compile_value({"items": "{{ input.a }}", "condition": "{{ item }}"}, per_item={"condition": "items"})
    with pytest.raises(ExpressionFailed) as caught:
        compiled.resolve(ROOTS)
    assert caught.value.where == "/items"


async def test_without_a_sandbox_nothing_weaker_takes_its_place() -> None:
    with pytest.raises(SandboxMissing):
        await compile_value("{{ len(input.rows) }}").resolve_with(ROOTS, None, clock=0, seed=0)
    async with Sandbox(binary="/nonexistent/interpreter") as broken:
        assert broken.missing is not None
        with pytest.raises(SandboxMissing):
            await opened("{{ len(input.rows) }}", broken)
        assert await opened("{{ input.a }}", broken) == 1


async def test_a_sandbox_that_was_stopped_says_so() -> None:
    async with Sandbox(processes=1) as stopped:
        pass
    with pytest.raises(SandboxMissing):
        await opened("{{ len(input.rows) }}", stopped)
