"""The errors that several verbs share."""

from collections.abc import Sequence
from typing import Any

from flows.errors import Conflict, MulgilError


class InvalidDocument(MulgilError):
    """The document can't run: {count} problems."""

    code = "invalid_document"
    status = 422
    hint = "Mend the problems listed and try again."

    def __init__(self, problems: Sequence[Any]) -> None:
        self.problems = problems
        super().__init__(count=len(problems))


class StaleRevision(Conflict):
    """The draft was saved as revision {current} meanwhile; you sent {sent}."""

    code = "stale_revision"
    hint = "Read the draft again and put your change on top of it."


class NotPublished(Conflict):
    """This flow has no live version."""

    code = "not_published"
    hint = "Publish the draft first."


class Archived(MulgilError):
    """This flow is archived."""

    code = "archived"
    status = 410
    hint = "Restore the flow to start it again."
