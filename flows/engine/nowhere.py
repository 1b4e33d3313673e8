"""What expressions see of a run, and of a flow, that stand nowhere: those of a simulation, as far as nobody says more."""

from collections.abc import Mapping
from typing import Final

from flows.dsl.instants import Instant, format_instant
from flows.security.safejson import Json

NOBODY: Final = "00000000-0000-0000-0000-000000000000"


def run_seen(known: Mapping[str, Json], *, begun: Instant, attempt: int) -> dict[str, Json]:
    """The root `run`. Every try of a step counts on from the run's own, as it does in earnest."""
    first = known.get("attempt", 1)
    return {
        "id": NOBODY,
        "number": 0,
        "started_at": format_instant(begun),
        **known,
        "attempt": (first if isinstance(first, int) else 1) + attempt - 1,
    }


def flow_seen(known: Mapping[str, Json]) -> dict[str, Json]:
    """The root `flow`."""
    return {"id": NOBODY, "name": "", "version": None, **known}
