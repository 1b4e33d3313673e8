from typing import Any

import pytest

from flows.expr.compile import compile_value
from flows.expr.errors import BadResult, ExpressionFailed, MissingKey, NeedsSandbox, NoSuchRoot, ValueTooLarge
from tests.expr.cast import ROOTS, value


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("nodes.charge.body.items[0].price", 5),
        ("nodes['charge']['body'].items[-1]['price']", 5),
        ("input.rows[1].unit", "g"),
        ("input.rows[input.a].unit", "g"),
        ("input.name[0]", "M"),
        ("input.nothing.deep.er[3].x", None),
        ("nodes.skipped.body.id", None),
        ("input.from + input.class.if", 15),
        ("run.number", 3),
        ("flow.name + ' v' + vars.region", "Orders veu"),
        ("now", "2026-01-01T00:00:00Z"),
        ("1 + 2 * 3 - 4 / 2", 5.0),
        ("7 // 2 + 7 % 4", 6),
        ("-7 // 2", -4),
        ("-7.5 % 2", 0.5),
        ("+input.a", 1),
        ("'a' + 'b' 'c'", "abc"),
        ("'ab' * 3", "ababab"),
        ("[1, 2] + [3]", [1, 2, 3]),
        ("(1, (2, 3))", [1, [2, 3]]),
        ("{'a': input.a, 'b': [null]}", {"a": 1, "b": [None]}),
        ("1 < 2 <= 2 != 3", True),
        ("1 < 2 > 3", False),
        ("input.a == 1 and input.name", "Mina"),
        ("input.nothing or 'x'", "x"),
        ("not input.nothing", True),
        ("'kg' in ('kg', 'g')", True),
        ("'x' not in input.name", True),
        ("'price' in input.rows[0]", True),
        ("input.nothing is null", True),
        ("input.a is not None", True),
        ("true is True", True),
        ("1 == true", True),
        ("'big' if input.a > 1 else 'small'", "small"),
        ("input.missing if false else 2", 2),
        ("false and input.missing", False),
        ("9223372036854775807", 2**63 - 1),
        ("input.big", 2**63),
        ("0.1 + 0.2", 0.1 + 0.2),
        ("1e22", 1e22),
        ("0x1F + 1_000", 1031),
        ("[] == ()", False),
    ],
)
def test_a_closed_form_has_the_value_python_gives(source: str, expected: Any) -> None:
    compiled = compile_value(f"{{{{ {source} }}}}")
    assert compiled.is_closed
    found = compiled.resolve(ROOTS)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("input.nmae", "input.nmae does not exist; the keys are a, name, rows, nothing, from, class, big"),
        ("input.rows[7].x", "input.rows[7] does not exist; the list has 2 items"),
        ("input.rows['x']", "input.rows.x does not exist; the list has 2 items"),
        ("input.a.b", "input.a.b does not exist; 1 has no keys"),
        ("input.name.first", "input.name.first does not exist; the text has 4 characters and no keys"),
        ("input['a b']", "input['a b'] does not exist"),
        ("nodes.charge.body.total", "nodes.charge.body.total does not exist; the keys are items"),
        ("input.rows[input.name]", "does not exist"),
        ("input.rows[true]", "does not exist"),
        ("input.rows[1.0]", "does not exist"),
        ("input.a.__class__", "input.a.__class__ does not exist"),
        ("input.__class__", "input.__class__ does not exist"),
        ("input.__proto__", "input.__proto__ does not exist"),
    ],
)
def test_a_missing_key_names_the_path_and_what_there_is(source: str, message: str) -> None:
    with pytest.raises(MissingKey) as caught:
        value(f"{{{{ {source} }}}}")
    assert message in caught.value.message


def test_the_names_of_an_object_with_many_keys_are_not_all_told() -> None:
    with pytest.raises(MissingKey) as caught:
        value("{{ input.x }}", {"input": {f"k{number}": 1 for number in range(1_000)}})
    assert caught.value.message.endswith("k19, …")


def test_a_root_that_is_not_there_is_told() -> None:
    with pytest.raises(NoSuchRoot):
        value("{{ item.x }}")


@pytest.mark.parametrize(
    "source",
    ["1 / 0", "1 % 0", "1 + 'a'", "null + 1", "1 < 'a'", "'a' in 3", "'%s' % 3", "-'a'", "{} < {}", "[] * 1.5"],
)
def test_what_python_cannot_do_is_a_typed_error_with_the_expression(source: str) -> None:
    with pytest.raises(ExpressionFailed) as caught:
        value({"deep": [f"{{{{ {source} }}}}"]})
    assert caught.value.message.startswith(source)
    assert (caught.value.where, caught.value.klass) == ("/deep/0", "permanent")


@pytest.mark.parametrize("source", ["input.big * input.big", "1e308 * 10", "1e308 * 10 - 1e308 * 10"])
def test_a_number_json_cannot_carry_is_refused(source: str) -> None:
    with pytest.raises(BadResult):
        value(f"{{{{ {source} }}}}", {"input": {"big": 2**63}})


@pytest.mark.parametrize(
    "source",
    [
        "'a' * 100000000",
        "10000000000 * 'a'",
        "[0] * 1000000000",
        "input.t + input.t",
        "[input.t] * 3",
        "{'a': input.t, 'b': input.t, 'c': input.t}",
    ],
)
def test_no_value_grows_beyond_its_limit(source: str) -> None:
    with pytest.raises(ValueTooLarge):
        value(f"{{{{ {source} }}}}", {"input": {"t": "x" * 12_000_000}})


def test_many_middling_values_are_counted_together() -> None:
    parts = ", ".join(["'ab' * 500000"] * 30)
    with pytest.raises(ValueTooLarge):
        value(f"{{{{ [{parts}] }}}}")


def test_a_config_that_repeats_a_large_value_is_bounded() -> None:
    with pytest.raises(ValueTooLarge):
        value(["{{ input.t }}"] * 20, {"input": {"t": "x" * 2_000_000}})


def test_a_constant_config_is_itself() -> None:
    config: Any = {"a": [1, {"b": "x"}]}
    compiled = compile_value(config)
    assert compiled.is_constant
    assert compiled.resolve({}) is config


def test_a_config_keeps_its_order_and_is_not_changed() -> None:
    config: Any = {"z": "{{ input.a }}", "a": 1, "m": ["x", "{{ input.name }}"]}
    compiled = compile_value(config)
    assert list(compiled.resolve(ROOTS)) == ["z", "a", "m"]  # type: ignore[arg-type]  # an object, as compiled
    assert config == {"z": "{{ input.a }}", "a": 1, "m": ["x", "{{ input.name }}"]}


def test_keys_of_a_config_are_never_expressions() -> None:
    assert compile_value({"{{ input.a }}": 1}).is_constant


def test_verbatim_fields_are_left_alone_at_the_top_only() -> None:
    compiled = compile_value({"code": "{{ x", "deep": {"code": "{{ input.a }}"}}, frozenset({"code"}))
    assert compiled.resolve(ROOTS) == {"code": "{{ x", "deep": {"code": 1}}


def test_what_a_config_reads_is_known() -> None:
    compiled = compile_value({"a": "{{ nodes.x.y + nodes['z'] }}", "b": "{{ [run.id for q in input.rows] }}"})
    assert compiled.reads == {"nodes", "run", "input"}
    assert compiled.nodes == {"x", "z"}


def test_a_local_name_is_not_read_from_the_roots() -> None:
    compiled = compile_value("{{ [nodes.a for nodes in input.rows] }}")
    assert compiled.reads == {"input"}
    assert compiled.nodes == frozenset()


def test_an_open_form_says_that_it_needs_the_sandbox() -> None:
    compiled = compile_value("{{ len(input.rows) }}")
    assert not compiled.is_closed
    with pytest.raises(NeedsSandbox):
        compiled.resolve(ROOTS)
