import pytest

from flows.expr.errors import BadResult
from flows.expr.sandbox import CodeFailed, CodeRecoverable, CodeResult, Limits, Sandbox
from tests.expr.cast import CLOCK


async def ran(sandbox: Sandbox, code: str, value: object = None) -> CodeResult:
    return await sandbox.run_code(code, value, clock=CLOCK, seed=7)  # type: ignore[arg-type]  # any JSON


async def test_code_gets_its_input_and_gives_what_run_returns(sandbox: Sandbox) -> None:
    code = "def run(input):\n    total = sum(row['n'] for row in input['rows'])\n    return {'total': total, 'pair': (1, 2)}\n"
    result = await ran(sandbox, code, {"rows": [{"n": 1}, {"n": 2}]})
    assert result.output == {"total": 3, "pair": [1, 2]}


async def test_prints_are_collected(sandbox: Sandbox) -> None:
    assert (await ran(sandbox, "def run(input):\n    print('a', 1)\n    print('b')\n")).prints == "a 1\nb\n"


async def test_recoverable_asks_for_another_try(sandbox: Sandbox) -> None:
    with pytest.raises(CodeRecoverable) as caught:
        await ran(sandbox, "def run(input):\n    raise Recoverable('the bank is closed')")
    assert (caught.value.klass, caught.value.message) == ("recoverable", "the bank is closed")


async def test_any_other_exception_is_permanent_and_names_its_line(sandbox: Sandbox) -> None:
    with pytest.raises(CodeFailed) as caught:
        await ran(sandbox, "def help(x):\n    return 1 / x\n\ndef run(input):\n    return help(0)\n")
    assert caught.value.message == "Line 2: ZeroDivisionError: division by zero"
    assert caught.value.klass == "permanent"


@pytest.mark.parametrize(
    ("code", "line", "said"),
    [
        ("def run(:", 1, "SyntaxError"),
        ("x = 1\n\ndef run(input)\n    return 1", 3, "SyntaxError"),
        ("x = 1", 1, "the code defines no run"),
        ("", 1, "the code defines no run"),
        ("y = x", 1, "NameError"),
        ("import socket\ndef run(input):\n    return 1", 1, "ModuleNotFoundError"),
        ("def run(input):\n    return {1, 2}", 2, "not JSON serializable"),
        ("def run():\n    return 1", 1, "TypeError"),
    ],
)
async def test_what_is_wrong_with_the_code_is_told_with_its_line(
    code: str, line: int, said: str, sandbox: Sandbox
) -> None:
    with pytest.raises(CodeFailed) as caught:
        await ran(sandbox, code)
    assert caught.value.fields["line"] == line
    assert said in caught.value.message


async def test_the_clock_stands_still_and_chance_repeats(sandbox: Sandbox) -> None:
    code = (
        "import random, datetime, time\n"
        "def run(input):\n"
        "    return [random.random(), str(datetime.datetime.now()), time.time(), random.randint(0, 10**9)]\n"
    )
    first, second = await ran(sandbox, code), await ran(sandbox, code)
    assert first == second
    assert isinstance(first.output, list)
    assert first.output[1:3] == ["2026-01-01 00:00:00", 1_767_225_600.0]
    other = await sandbox.run_code(code, None, clock=CLOCK, seed=8)
    assert other.output != first.output


async def test_nothing_is_left_from_one_run_to_the_next(sandbox: Sandbox) -> None:
    await ran(sandbox, "leak = 'secret'\ndef run(input):\n    return 1")
    with pytest.raises(CodeFailed, match="NameError"):
        await ran(sandbox, "def run(input):\n    return leak")


async def test_limits_may_be_wider(sandbox: Sandbox) -> None:
    code = "def run(input):\n    return len('x' * 100_000_000)"
    wide = Limits(seconds=10, memory=256 * 2**20)
    assert (await sandbox.run_code(code, None, clock=0, seed=0, limits=wide)).output == 100_000_000


async def test_a_large_input_does_not_count_against_the_limit(sandbox: Sandbox) -> None:
    result = await ran(sandbox, "def run(input):\n    return len(input)", list(range(300_000)))
    assert result.output == 300_000


@pytest.mark.parametrize("value", ["float('nan')", "float('inf')", "2**64", "'a\\x00b'"])
async def test_what_json_cannot_carry_is_refused(value: str, sandbox: Sandbox) -> None:
    with pytest.raises(BadResult):
        await ran(sandbox, f"def run(input):\n    return [{value}]")
