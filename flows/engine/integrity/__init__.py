"""The integrity report: what a crash, a lost signal or a failure at each point would do to a flow, and which secrets stand
open in it.

It reads the plan and decides by rules alone, each of which the tests see come true in the simulator. It runs
nothing, reads no expression (validation has), and keeps nothing from being published.
"""

from flows.dsl.bulk import without_collecting
from flows.dsl.catalogue import Catalogue
from flows.dsl.document import Document
from flows.engine.compile import sketch_plan
from flows.engine.integrity.clear import check_secrets
from flows.engine.integrity.effects import check_effects, check_sagas
from flows.engine.integrity.finding import FINDINGS, Finding
from flows.engine.integrity.joins import check_joins
from flows.engine.integrity.locks import check_locks
from flows.engine.integrity.outlook import NOWHERE, Outlook, Surroundings
from flows.engine.integrity.outside import check_calls, check_people
from flows.engine.integrity.waits import check_waiting_joins, check_waits
from flows.errors import MulgilError

__all__ = ["FINDINGS", "Finding", "Surroundings", "examine"]


def examine(document: Document, catalogue: Catalogue, around_it: Surroundings = NOWHERE) -> list[Finding]:
    """Everything an author should know; nothing of a document that can't be made into a plan."""
    with without_collecting(len(document.nodes)):
        return _examine(document, catalogue, around_it)


def _examine(document: Document, catalogue: Catalogue, around_it: Surroundings) -> list[Finding]:
    try:
        look = Outlook(document, sketch_plan(document, catalogue), around_it)
    except MulgilError:
        return []  # validation says what is wrong with it
    return [
        *check_effects(look),
        *check_sagas(look),
        *check_waits(look),
        *check_people(look),
        *check_calls(look),
        *check_waiting_joins(look),
        *check_joins(look),
        *check_locks(look),
        *check_secrets(document),
    ]
