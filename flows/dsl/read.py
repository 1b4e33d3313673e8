"""From JSON to a typed document, and nothing between: what is not one is refused with its problems."""

from collections.abc import Sequence

from pydantic import ValidationError

from flows.dsl.bulk import without_collecting
from flows.dsl.configs import misfits
from flows.dsl.document import Document
from flows.dsl.problem import Problem, problem
from flows.dsl.upgrades import DSL, upgrade
from flows.dsl.validate.outline import FRAME, shape_problem
from flows.errors import MulgilError
from flows.security.safejson import Json


class InvalidDocument(MulgilError):
    """The document isn't valid. Problems: {count}; the first: {first}"""

    code = "invalid_document"
    status = 422

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(count=len(self.problems), first=self.problems[0].message if self.problems else "")


def read_document(raw: Json) -> Document:
    """The document, upgraded from older versions of the format.

    Only its shape is looked at; whether it can run is `flows.dsl.validate`'s to say. Raises
    InvalidDocument.
    """
    if not isinstance(raw, dict):
        raise InvalidDocument([problem("not_an_object", path="")])
    version = raw.get("dsl", DSL)
    if not isinstance(version, int) or isinstance(version, bool) or not 1 <= version <= DSL:
        raise InvalidDocument([problem("unknown_dsl", path="/dsl", version=str(version)[:40], known=DSL)])
    upgraded = upgrade(raw)
    nodes = raw.get("nodes")
    try:
        with without_collecting(len(nodes) if isinstance(nodes, list) else 0):
            return Document.model_validate(upgraded)
    except ValidationError:
        wrong = misfits(Document, upgraded, FRAME)
        raise InvalidDocument([shape_problem(misfit, "") for misfit in wrong]) from None
