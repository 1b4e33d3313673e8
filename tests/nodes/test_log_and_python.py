import pytest

from flows.errors import MulgilError
from flows.nodes.base import Answer, BadConfig
from flows.nodes.log import log
from flows.nodes.python import python
from tests.nodes.stage import perform, stage


async def test_log_writes_its_line_and_gives_null() -> None:
    async with stage(input={"id": 5}) as on:
        assert await perform(log, {"message": "Order {{ input.id }}", "level": "warning"}, on) == Answer(None)
        assert await perform(log, {}, on) == Answer(None)
    assert on.lines == [("warning", "Order 5", {})]


async def test_log_writes_any_value_as_it_stands_in_a_sentence() -> None:
    async with stage(input={"id": 5, "rows": [{"a": "가"}], "gone": None}) as on:
        for path in ("id", "rows", "gone"):
            await perform(log, {"message": f"{{{{ input.{path} }}}}"}, on)
            await perform(log, {"message": f"{{{{ input.{path} }}}}."}, on)
    said = [line[1] for line in on.lines]
    assert said[0::2] == ["5", '[{"a":"가"}]', "null"]
    assert said[1::2] == [f"{line}." for line in said[0::2]]


def test_log_refuses_a_level_it_does_not_know() -> None:
    with pytest.raises(BadConfig, match="level"):
        log.validate({"level": "fatal"})


async def test_python_gives_what_run_returns_and_logs_what_it_prints() -> None:
    code = "def run(input):\n    print('one')\n    print('two')\n    return {'sum': input['a'] + 1}\n"
    async with stage(input={"a": 1}) as on:
        assert await perform(python, {"input": {"a": "{{ input.a }}"}, "code": code}, on) == Answer({"sum": 2})
    assert [line[1] for line in on.lines] == ["one", "two"]


async def test_braces_in_code_are_code() -> None:
    code = "def run(input):\n    return '{{ input.a }}'\n"
    async with stage(input={"a": 1}) as on:
        assert await perform(python, {"code": code}, on) == Answer("{{ input.a }}")


async def test_code_that_raises_recoverable_may_be_tried_again_and_any_other_error_not() -> None:
    async with stage() as on:
        with pytest.raises(MulgilError, match="busy") as failure:
            await perform(python, {"code": "def run(input):\n    raise Recoverable('busy')\n"}, on)
        assert failure.value.klass == "recoverable"
        with pytest.raises(MulgilError, match="no address") as failure:
            await perform(python, {"code": "def run(input):\n    raise ValueError('no address')\n"}, on)
        assert failure.value.klass == "permanent"
