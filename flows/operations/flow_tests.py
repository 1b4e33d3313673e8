"""Playing the tests of a draft, or of a document that stands for it, and telling what they reach.

Nothing is saved and nothing leaves the machine (see `flows.operations.rehearsal`); who may read a flow may play its
tests.
"""

from uuid import UUID

from flows.dsl.read import InvalidDocument, read_document
from flows.operations import documents
from flows.operations.actor import Actor
from flows.operations.drafts import read_draft
from flows.operations.rehearsal import Rehearsed, Stage
from flows.operations.validation import problems_of, unplannable
from flows.security.safejson import Json


def play_tests(actor: Actor, flow: UUID, document: Json | None = None) -> Rehearsed:
    """The tests of the document, of the flow's draft without one.

    Raises NotFound, RehearsalTooLong, and InvalidDocument with the problems that keep the document from being run.
    """
    draft = read_draft(actor, flow)
    raw = documents.from_text(draft.document) if document is None else document
    problems = unplannable(problems_of(actor, raw))
    if problems:
        raise InvalidDocument(problems)
    with Stage() as stage:
        return stage.rehearse(read_document(raw))
