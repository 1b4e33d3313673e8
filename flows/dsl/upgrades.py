"""Documents of older versions of the format, brought up to today's, one numbered step at a time.

`STEPS[n]` takes a document of version n to version n + 1 and changes nothing else. Steps are only
ever added; each has the oldest sample in a test.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from flows.security.safejson import Json

DSL: Final = 1
"""The version of the format this installation writes."""

Step: TypeAlias = Callable[[dict[str, Any]], dict[str, Any]]

STEPS: Final[Mapping[int, Step]] = {}


def upgrade(raw: dict[str, Json], steps: Mapping[int, Step] = STEPS, target: int = DSL) -> dict[str, Json]:
    """The document in the target version; the one handed in is left as it was."""
    document = dict(raw)
    version = document.get("dsl", target)
    while isinstance(version, int) and version < target:
        document = {**steps[version](document), "dsl": version + 1}
        version += 1
    return document
