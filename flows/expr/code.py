"""Python written by users, run in the sandbox: `def run(input): …`."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from flows.errors import MulgilError
from flows.expr.errors import BadResult, ValueTooLarge
from flows.expr.results import MAX_VALUE, admit
from flows.expr.workers import Limits, OverMemory, OverTime, Raised, Script, Workers, parse_result
from flows.security.safejson import Json

LIMITS: Final = Limits(seconds=5.0, memory=64 * 2**20)
MAX_CODE: Final = 256 * 2**10

# The interpreter has no exception classes of one's own, so `Recoverable` makes an ordinary one that
# carries a mark nobody can guess.
_MARK: Final = uuid4().hex
_PRELUDE: Final = f'import json as _json\ndef Recoverable(message=""): return RuntimeError("{_MARK}" + str(message))\n'
_RAISED: Final = f"RuntimeError: {_MARK}"


class CodeFailed(MulgilError):
    """Line {line}: {error}"""

    code = "code_failed"
    status = 422


class CodeRecoverable(MulgilError):
    """{message}"""

    code = "code_recoverable"
    status = 422
    klass = "recoverable"


class CodeOverTime(MulgilError):
    """The code ran longer than {seconds} s."""

    code = "code_timeout"
    status = 422


class CodeOverMemory(MulgilError):
    """The code took more than {limit} MiB."""

    code = "code_memory"
    status = 422


@dataclass(frozen=True, slots=True)
class CodeResult:
    """What `run` returned, and what was printed."""

    output: Json
    prints: str


async def run_code(
    workers: Workers, code: str, value: Json, *, clock: int, seed: int, limits: Limits = LIMITS
) -> CodeResult:
    """Call `run(value)` of the code; `clock` in microseconds since the epoch.

    Raises CodeFailed, CodeRecoverable, CodeOverTime, CodeOverMemory, BadResult, ValueTooLarge,
    SandboxMissing or SandboxCrashed.
    """
    if len(code) > MAX_CODE:
        raise CodeFailed(line=1, error=f"the code has {len(code)} characters, over the limit of {MAX_CODE}")
    # The last line is text whatever the code has done to the names it uses.
    text = f'{_PRELUDE}{code}\nf"{{_json.dumps(run(_input))}}"'
    script = Script(text=text, values={"_input": value}, clock=clock, seed=seed, limits=limits)
    try:
        ran = await workers.run(script)
    except OverTime:
        raise CodeOverTime(seconds=limits.seconds) from None
    except OverMemory:
        raise CodeOverMemory(limit=limits.memory // 2**20) from None
    except Raised as error:
        raise _explain(error, code) from None
    return CodeResult(_result(ran.text), ran.prints)


def _result(text: str) -> Json:
    if len(text) > 2 * MAX_VALUE:
        raise ValueTooLarge(expression="run", limit=MAX_VALUE)
    try:
        value: Any = parse_result(text)
    except ValueError:
        raise BadResult(expression="run", what="a value nested too deep or a number too long") from None
    return admit(value, "run")


def _explain(error: Raised, code: str) -> MulgilError:
    if error.text.startswith(_RAISED):
        return CodeRecoverable(message=error.text.removeprefix(_RAISED) or "the code asks for another try")
    count = code.count("\n") + 1
    own = [line - _PRELUDE.count("\n") for line in error.lines if 0 < line - _PRELUDE.count("\n") <= count]
    if "name 'run' is not defined" in error.text and not own:
        return CodeFailed(line=1, error="the code defines no run(input)")
    return CodeFailed(line=own[-1] if own else count, error=error.text)
