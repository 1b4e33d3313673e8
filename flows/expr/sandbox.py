"""The sandbox as the runtime and the nodes hold it: its workers, and code run in them."""

from flows.expr.code import LIMITS, CodeFailed, CodeOverMemory, CodeOverTime, CodeRecoverable, CodeResult, run_code
from flows.expr.workers import Limits, SandboxCrashed, SandboxMissing, Workers
from flows.security.safejson import Json

__all__ = [
    "LIMITS",
    "CodeFailed",
    "CodeOverMemory",
    "CodeOverTime",
    "CodeRecoverable",
    "CodeResult",
    "Limits",
    "Sandbox",
    "SandboxCrashed",
    "SandboxMissing",
]


class Sandbox(Workers):
    """`async with Sandbox(processes=2) as sandbox`. To be made after the last fork; used on one loop.

    Where the interpreter cannot start, `missing` says why and every use raises SandboxMissing.
    """

    async def run_code(self, code: str, value: Json, *, clock: int, seed: int, limits: Limits = LIMITS) -> CodeResult:
        """Call `run(value)` of the code; see `flows.expr.code.run_code` for what it raises."""
        return await run_code(self, code, value, clock=clock, seed=seed, limits=limits)
