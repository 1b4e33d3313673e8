"""The sandbox: a pool of interpreter processes without our environment, every limit set.

It knows source text and JSON, and nothing of steps or runs.
"""

from dataclasses import dataclass
from types import TracebackType
from typing import Self

from flows.errors import MulgilError
from flows.security.safejson import Json


class SandboxMissing(MulgilError):
    """The sandbox for expressions and code cannot start: {reason}"""

    code = "sandbox_missing"
    hint = "Install the project's dependencies again; expressions beyond the simple forms and code nodes need it."


class CodeFailed(MulgilError):
    """{error} in line {line}"""

    code = "code_failed"


class CodeRecoverable(MulgilError):
    """{message}"""

    code = "code_recoverable"
    klass = "recoverable"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeLimits:
    """Seconds of running, bytes beyond the values passed in, bytes of prints kept."""

    seconds: float = 5.0
    memory: int = 64 * 2**20
    prints: int = 64 * 2**10


@dataclass(frozen=True, slots=True)
class CodeResult:
    output: Json
    prints: str


class Sandbox:
    """`async with Sandbox(processes=2) as sandbox`; made after the last fork, used on one loop."""

    def __init__(self, *, processes: int = 2) -> None:
        self._processes = processes

    async def __aenter__(self) -> Self:
        raise NotImplementedError

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        raise NotImplementedError

    async def run_code(
        self, code: str, input: Json, *, clock: int, seed: int, limits: CodeLimits | None = None
    ) -> CodeResult:
        """Run `def run(input)` of the code. Raises CodeFailed, CodeRecoverable, SandboxMissing, …"""
        raise NotImplementedError
