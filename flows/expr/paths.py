"""Paths into values: which one an expression names, what stands there, and what is wrong when nothing does.

A path through null is null. A missing key of a real object is an error that names the path and the
keys that exist. Only dict keys and list indexes are ever looked at, never an attribute of an object.
"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from flows.expr.errors import ExprError, MissingKey, NoSuchRoot
from flows.expr.names import ROOTS
from flows.security.safejson import Json

Key: TypeAlias = str | int
Roots: TypeAlias = Mapping[str, Json]

_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Path:
    """A root and the keys after it, as far as they are written out."""

    root: str
    keys: tuple[Key, ...] = ()

    @property
    def node(self) -> str | None:
        """The node whose output is read, where the root is `nodes`."""
        return str(self.keys[0]) if self.root == "nodes" and self.keys else None

    def __str__(self) -> str:
        return written(self.root, self.keys)


def written(start: str, keys: tuple[Key, ...]) -> str:
    """A path as people write it."""
    parts = [f".{key}" if isinstance(key, str) and key.isidentifier() else f"[{key!r}]" for key in keys]
    return start + "".join(parts)


def static_path(node: ast.expr, is_local: Callable[[str], bool] = lambda _: False) -> Path | None:
    """The path an expression is, when it is one from a root with every key written out."""
    keys: list[Key] = []
    while True:
        match node:
            case ast.Attribute(value=value, attr=key):
                keys.append(key)
                node = value
            case ast.Subscript(value=value, slice=index):
                found = _constant_key(index)
                if found is None:
                    return None
                keys.append(found)
                node = value
            case ast.Name(id=root) if root in ROOTS and not is_local(root):
                return Path(root, tuple(reversed(keys)))
            case _:
                return None


def _constant_key(index: ast.expr) -> Key | None:
    match index:
        case ast.Constant(value=str(key)):
            return key
        case ast.Constant(value=int(number)) if not isinstance(number, bool):
            return number
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(number))) if not isinstance(number, bool):
            return -number
    return None


def step(value: Any, key: Any, path: str) -> Any:
    """What stands at a key of a value. Raises MissingKey."""
    if value is None:
        return None
    try:
        if isinstance(value, dict):
            return value[key]
        if isinstance(value, list | tuple | str) and isinstance(key, int) and not isinstance(key, bool):
            return value[key]
    except (KeyError, IndexError, TypeError):
        pass
    raise MissingKey(path=f"{path}[{key!r}]" if not isinstance(key, str) else written(path, (key,)), known=known(value))


def known(value: Any) -> str:
    """What a value holds instead of the key looked for, in words."""
    if isinstance(value, dict):
        keys = [str(key) for key in list(value)[:_SHOWN]]
        more = ", …" if len(value) > _SHOWN else ""
        return f"the keys are {', '.join(keys)}{more}" if keys else "the object has no keys"
    if isinstance(value, list | tuple):
        return f"the list has {len(value)} items" if len(value) != 1 else "the list has 1 item"
    if isinstance(value, str):
        return f"the text has {len(value)} characters and no keys"
    return f"{str(value)[:40]} has no keys"


def follow(root: str, keys: tuple[Key, ...]) -> Callable[[Roots], Any]:
    """A function that looks a path up. It raises NoSuchRoot and MissingKey."""

    def look(roots: Roots) -> Any:
        try:
            value: Any = roots[root]
            for key in keys:
                if value is None:
                    return None
                value = value[key]
        except (KeyError, IndexError, TypeError):
            raise _explain(roots, root, keys) from None
        return value

    return look


def _explain(roots: Roots, root: str, keys: tuple[Key, ...]) -> ExprError:
    if root not in roots:
        return NoSuchRoot(root=root)
    value: Any = roots[root]
    for position, key in enumerate(keys):
        try:
            value = step(value, key, written(root, keys[:position]))
        except MissingKey as error:
            return error
    # A key that could be looked up after all: the value changed between the two looks.
    return MissingKey(path=written(root, keys), known="it changed while it was read")
