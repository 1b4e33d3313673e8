"""How the function of a node type may be called: found out once per type from its code, and so never declared wrongly.

It decides nothing about a step; whoever performs one asks it.
"""

import dis
import inspect
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from pydantic import BaseModel

from flows.nodes.base import NodeType, Step, as_result
from flows.nodes.results import Result
from flows.runtime.errors import NodeTypeMissing

_WAITS: Final = frozenset({"GET_AWAITABLE", "GET_AITER", "GET_ANEXT"})
OURS: Final = "flows.nodes."


@dataclass(frozen=True, slots=True)
class Manner:
    """`never_waits`: it is async and awaits nothing, so that calling it is all there is to do. `is_ours`: it is trusted not
    to change what it is given. `looks_at_step`: it may use its second parameter."""

    never_waits: bool
    is_ours: bool
    looks_at_step: bool


@cache
def manner_of(node_type: Hashable) -> Manner:
    """The manner of a type; of what has no Python function the one that promises nothing."""
    function = getattr(node_type, "function", None)
    code = getattr(function, "__code__", None)
    if code is None:
        return Manner(never_waits=False, is_ours=False, looks_at_step=True)
    instructions = list(dis.get_instructions(code))
    waits = any(instruction.opname in _WAITS for instruction in instructions)
    is_ours = getattr(function, "__module__", "").startswith(OURS)
    return Manner(
        never_waits=bool(code.co_flags & inspect.CO_COROUTINE) and not waits,
        is_ours=is_ours,
        looks_at_step=not is_ours or _names(instructions, code.co_varnames[code.co_argcount - 1]),
    )


def _names(instructions: list[dis.Instruction], parameter: str) -> bool:
    named: list[Any] = [instruction.argval for instruction in instructions]
    # Newer Pythons load two locals by one instruction.
    return any(name == parameter or (isinstance(name, tuple) and parameter in name) for name in named)


def called_at_once(node_type: NodeType, config: BaseModel, step: Step) -> Result:
    """The result of a coroutine that never waits."""
    performing = node_type.function(config, step)
    try:
        performing.send(None)
    except StopIteration as done:
        return as_result(done.value)
    performing.close()
    raise NodeTypeMissing(name=node_type.name)
