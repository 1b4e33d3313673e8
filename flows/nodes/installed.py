"""The catalogue of this process: made once, with the node modules that the app wiring found in installed apps."""

from collections.abc import Iterable
from functools import lru_cache

from flows.nodes.catalogue import Catalogue, load_catalogue

_modules: list[object] = []


def add_modules(modules: Iterable[object]) -> None:
    """Add modules whose node types belong to the catalogue; called by the app wiring before first use."""
    _modules.extend(modules)
    catalogue.cache_clear()


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """Every node type of this installation."""
    return load_catalogue(_modules)
