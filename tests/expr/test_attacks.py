"""What hostile expressions and code try: each ends as a typed error, and the sandbox serves the next."""

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.errors import MulgilError
from flows.expr.errors import BadExpression, BadResult, ExprError, ExpressionTooLarge, TimedOut, ValueTooLarge
from flows.expr.sandbox import CodeFailed, CodeOverMemory, CodeOverTime, CodeResult, Limits, Sandbox
from tests.expr.cast import opened

DEEP = "x = []\nfor _ in range(100_000):\n    x = [x]\n"


async def still_serves(sandbox: Sandbox) -> None:
    assert await opened("{{ sum([1, 2, 3]) }}", sandbox) == 6


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("9**9**9", ValueTooLarge),
        ("'a'*10**10", ValueTooLarge),
        ("'a'*10000000000", ValueTooLarge),
        ("[0]*10**10", ValueTooLarge),
        ("list(range(10**9))", ValueTooLarge),
        ("[[0] * 10**6 for _ in range(10**6)]", BadExpression),
        ("[[0] * 10**6 for x in range(10**6)]", ValueTooLarge),
        ("1 << 10**10", ValueTooLarge),
        ("'%999999999d' % 1", ExprError),
        ("'{:999999999}'.format(1)", ExprError),
        ("f'{1:999999999}'", ExprError),
        ("'a'.ljust(10**10)", ExprError),
        ("'a'.zfill(10**10)", ExprError),
        ("','.join(['a' * 10**6] * 10**5)", ValueTooLarge),
        ("'aaaaaaaa'.replace('a', 'b' * 10**7)", ValueTooLarge),
        ("[x for x in range(10**10)]", ExprError),
        ("sum([1 for x in range(10**5) for y in range(10**5)])", ExprError),
        ("len([1 for x in iter(int, 1)])", BadExpression),
        ("max(range(10**10))", ExprError),
        ("(lambda f: f(f))(lambda f: f(f))", ExprError),
        ("1" + "+1" * 20_000, ExpressionTooLarge),
        ("(" * 5_000 + "1" + ")" * 5_000, ExpressionTooLarge),
        ("[" * 150 + "]" * 150, ExpressionTooLarge),
        ("-" * 5_000 + "1", ExpressionTooLarge),
        ("not " * 1_000 + "1", ExpressionTooLarge),
        ("input" + ".a" * 3_000, ExpressionTooLarge),
        ("1 if 1 else " * 150 + "1", ExpressionTooLarge),
        ("lambda: " * 300 + "1", ExpressionTooLarge),
        ("f'{" * 60 + "1" + "}'" * 60, ExprError),
        ("'" + "a" * 9_000 + "'", ExpressionTooLarge),
        ("9" * 5_000, BadExpression),
        ("().__class__.__bases__[0].__subclasses__()", BadExpression),
        ("''.__class__", ExprError),
        ("input.__class__.__init__.__globals__", ExprError),
        ("'{0.__class__}'.format(1)", ExprError),
        ("getattr(input, 'x')", BadExpression),
        ("eval('1')", BadExpression),
        ("__import__('os')", BadExpression),
        ("open('/etc/passwd')", BadExpression),
        ("exec('x=1')", BadExpression),
        ("globals()", BadExpression),
        ("_json", BadExpression),
        ("_e0_0", BadExpression),
        ("[_json for _json in [1]]", BadExpression),
        ("(lambda _get: _get)(1)", BadExpression),
        ("(x := 1)", BadExpression),
        ("print('x' * 10**6)", BadExpression),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else value.__name__,
)
async def test_an_expression_that_means_harm_is_a_typed_error(
    source: str, error: type[ExprError], sandbox: Sandbox
) -> None:
    with pytest.raises(error):
        await opened(f"{{{{ {source} }}}}", sandbox)
    await still_serves(sandbox)


async def test_an_expression_has_a_fifth_of_a_second(sandbox: Sandbox) -> None:
    with pytest.raises(TimedOut, match=r"0\.2 s"):
        await opened("{{ [x for x in range(10**7) if x < 0] }}", sandbox)
    await still_serves(sandbox)


async def test_a_sort_with_a_hostile_key_is_bounded(sandbox: Sandbox) -> None:
    with pytest.raises(ExprError):
        await opened("{{ sorted(range(10**6), key=lambda x: [x] * 10**4) }}", sandbox)
    await still_serves(sandbox)


def test_a_lone_surrogate_does_not_travel() -> None:
    with pytest.raises(BadExpression):
        opened("{{ '\ud800' }}", None).send(None)  # type: ignore[arg-type]  # it ends before a sandbox is asked


async def ran(sandbox: Sandbox, code: str, **limits: Any) -> CodeResult:
    bounds = Limits(seconds=limits.pop("seconds", 1.0), memory=64 * 2**20)
    return await sandbox.run_code(code, None, clock=0, seed=0, limits=bounds)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("def run(input):\n    while True:\n        pass", CodeOverTime),
        ("while True:\n    pass", CodeOverTime),
        ("def run(input):\n    return run(input)", CodeFailed),
        ("def run(input):\n    return 9**9**9", CodeOverMemory),
        ("def run(input):\n    return 'a' * 10**10", CodeOverMemory),
        ("def run(input):\n    x = []\n    while True:\n        x.append('y' * 10**6)", CodeOverMemory),
        ("def run(input):\n    x = 'a'\n    while True:\n        x += x", CodeOverMemory),
        ("def run(input):\n    return list(range(10**9))", CodeOverMemory),
        ("def run(input):\n    d = {}\n    i = 0\n    while True:\n        d[i] = str(i) * 100\n        i += 1", MulgilError),
        (DEEP + "def run(input):\n    return x", MulgilError),
        (DEEP + "def run(input):\n    raise ValueError(x)", MulgilError),
        (DEEP + "def run(input):\n    return x == [x]", MulgilError),
        (DEEP + "def run(input):\n    raise ValueError(str(x))", MulgilError),
        ("def run(input):\n    x = []\n    x.append(x)\n    return x", MulgilError),
        ("def run(input):\n    d = {}\n    d['d'] = d\n    return d", MulgilError),
        ("def run(input):\n    raise ValueError('x' * 10**7)", CodeFailed),
        ("def run(input):\n    raise KeyboardInterrupt()", CodeFailed),
        ("def run(input):\n    raise SystemExit(3)", CodeFailed),
        ("import sys\ndef run(input):\n    sys.exit(0)", CodeFailed),
        ("def run(input):\n    open('/etc/passwd').read()", CodeFailed),
        ("def run(input):\n    open('/tmp/x', 'w').write('x')", CodeFailed),
        ("import os\ndef run(input):\n    return os.environ['PATH']", CodeFailed),
        ("import os\ndef run(input):\n    return os.listdir('/')", CodeFailed),
        ("import os\ndef run(input):\n    os.kill(1, 9)", CodeFailed),
        ("import subprocess\ndef run(input):\n    return 1", CodeFailed),
        ("import socket\ndef run(input):\n    return 1", CodeFailed),
        ("import ctypes\ndef run(input):\n    return 1", CodeFailed),
        ("def run(input):\n    return ().__class__.__bases__", CodeFailed),
        ("def run(input):\n    return run.__globals__", CodeFailed),
        ("(" * 5_000 + "1" + ")" * 5_000, CodeFailed),
        ("x = " + "1+" * 20_000 + "1", CodeFailed),
        ("x" * 300_000, CodeFailed),
        ("def run(input):\n    return int('9' * 10**6)", MulgilError),
    ],
    ids=lambda value: value[-40:] if isinstance(value, str) else value.__name__,
)  # fmt: skip
async def test_code_that_means_harm_is_a_typed_error(code: str, error: type[MulgilError], sandbox: Sandbox) -> None:
    with pytest.raises(error):
        await ran(sandbox, code)
    await still_serves(sandbox)


async def test_a_message_of_megabytes_is_cut(sandbox: Sandbox) -> None:
    with pytest.raises(CodeFailed) as caught:
        await ran(sandbox, "def run(input):\n    raise ValueError('x' * 10**6)")
    assert len(caught.value.message) < 5_000


async def test_a_flood_of_prints_is_cut(sandbox: Sandbox) -> None:
    result = await ran(sandbox, "def run(input):\n    for _ in range(20_000):\n        print('x' * 100)", seconds=5.0)
    assert len(result.prints) < 70_000
    assert result.prints.endswith("(the rest was dropped)\n")


async def test_sleep_takes_no_time(sandbox: Sandbox) -> None:
    code = "import time, asyncio\ndef run(input):\n    time.sleep(3600)\n    return 'awake'"
    assert (await ran(sandbox, code)).output == "awake"


async def test_the_names_the_code_is_wrapped_in_may_be_taken(sandbox: Sandbox) -> None:
    hostile = f"{DEEP}class Json:\n    def dumps(self, value):\n        return x\n_json = Json()\ndef run(input):\n    return 1"
    with pytest.raises(MulgilError):
        await ran(sandbox, hostile)
    await still_serves(sandbox)
    with pytest.raises(CodeFailed):
        await ran(sandbox, "_json = None\ndef run(input):\n    return 1")
    forged = "class Json:\n    def dumps(self, value):\n        return '[' * 100_000\n_json = Json()\ndef run(input):\n    return 1"
    with pytest.raises(BadResult):
        await ran(sandbox, forged)


async def test_a_key_named_proto_is_a_key(sandbox: Sandbox) -> None:
    result = await ran(sandbox, "def run(input):\n    return {'__proto__': {'x': 1}, 'constructor': 2}")
    assert result.output == {"__proto__": {"x": 1}, "constructor": 2}


def workers_of(parent: int) -> Iterator[Path]:
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and (process / "status").exists():
            status = (process / "status").read_text()
            if f"\nPPid:\t{parent}\n" in status and "monty" in status.splitlines()[0]:
                yield process


async def test_workers_have_none_of_our_environment(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULGIL_SECRET_KEY", "never to be seen")
    await still_serves(sandbox)
    workers = list(workers_of(os.getpid()))
    assert workers
    assert all((worker / "environ").read_bytes() == b"" for worker in workers)


async def test_a_worker_that_is_killed_is_replaced(sandbox: Sandbox) -> None:
    await still_serves(sandbox)
    for worker in workers_of(os.getpid()):
        os.kill(int(worker.name), 9)
    await still_serves(sandbox)


@pytest.mark.parametrize("begun", [True, False], ids=["in mid-script", "before the script"])
async def test_a_worker_that_hangs_is_killed_by_the_clock_on_the_wall(begun: bool) -> None:
    async with Sandbox(processes=1, hung_after=1.5) as sandbox:
        await still_serves(sandbox)
        (worker,) = workers_of(os.getpid())
        endless = "def run(input):\n    while True:\n        pass"
        if not begun:
            os.kill(int(worker.name), signal.SIGSTOP)
        running = asyncio.ensure_future(ran(sandbox, endless, seconds=0.5))
        if begun:
            await asyncio.sleep(0.1)
            os.kill(int(worker.name), signal.SIGSTOP)
        async with asyncio.timeout(20):
            with pytest.raises(CodeOverTime):
                await running
            await still_serves(sandbox)
            while worker in workers_of(os.getpid()):
                await asyncio.sleep(0.01)


async def test_bombs_beside_honest_work_do_not_disturb_it() -> None:
    async with Sandbox(processes=2) as shared:
        bombs = [opened("{{ 9**9**9 + len(input.name) }}", shared) for _ in range(10)]
        loops = [ran(shared, "def run(input):\n    while True:\n        pass", seconds=0.05) for _ in range(5)]
        honest = [opened("{{ input.name.upper() }}", shared) for _ in range(40)]
        found = await asyncio.gather(*bombs, *loops, *honest, return_exceptions=True)
    assert all(isinstance(one, MulgilError) for one in found[:15])
    assert found[15:] == ["MINA"] * 40
