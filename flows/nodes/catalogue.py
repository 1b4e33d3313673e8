"""The catalogue: every node type this installation knows, gathered once and never changed.

Built-ins come from the list below; other packages add theirs through the entry point group
`mulgil.nodes`, and installed Django apps through a `nodes` module that the app wiring hands in.
"""

from collections.abc import Iterable, Iterator
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import Final

from flows.nodes.describe import describe
from flows.nodes.errors import BadNodeType
from flows.nodes.kinds import NodeType

__all__ = ["BUILT_IN", "GROUP", "Catalogue", "describe", "load_catalogue", "types_of"]

GROUP: Final = "mulgil.nodes"

BUILT_IN: Final[tuple[str, ...]] = (
    "triggers",
    "flow",
    "rolling_back",
    "scopes",
    "waiting",
    "data",
    "aggregate",
    "python",
    "http_request",
    "postgres",
    "outbox",
    "registering",
    "deploying",
    "log",
)


class Catalogue:
    """Node types by name, in the order they are shown. Satisfies `flows.dsl.catalogue.Catalogue`."""

    __slots__ = ("_types",)

    def __init__(self, types: Iterable[NodeType]) -> None:
        """Raises BadNodeType where two types share a name."""
        found: dict[str, NodeType] = {}
        for one in types:
            other = found.setdefault(one.name, one)
            if other is not one:
                where = f"{other.function.__module__} and {one.function.__module__}"
                raise BadNodeType(f"it is defined twice, in {where}; rename one", name=one.name)
        self._types = MappingProxyType(found)

    def get(self, name: str) -> NodeType | None:
        return self._types.get(name)

    def names(self) -> Iterable[str]:
        return self._types.keys()

    def __iter__(self) -> Iterator[NodeType]:
        return iter(self._types.values())

    def __len__(self) -> int:
        return len(self._types)


def types_of(module: object) -> Iterator[NodeType]:
    """The node types a module defines itself (those it only imports belong to another)."""
    if isinstance(module, NodeType):
        yield module
        return
    own = getattr(module, "__name__", None)
    for value in vars(module).values():
        if isinstance(value, NodeType) and value.function.__module__ == own:
            yield value


def load_catalogue(modules: Iterable[object] = ()) -> Catalogue:
    """The built-ins, the installed packages' types and those of `modules`. Raises BadNodeType."""
    built_in = [import_module(f"flows.nodes.{name}") for name in BUILT_IN]
    packages = [_load(point) for point in entry_points(group=GROUP)]
    return Catalogue(one for module in (*built_in, *packages, *modules) for one in types_of(module))


def _load(point: EntryPoint) -> object:
    try:
        return point.load()
    except (ImportError, AttributeError) as error:
        raise BadNodeType(
            f"its package could not be imported: {error}", name=f"{point.name} ({point.value})"
        ) from error
