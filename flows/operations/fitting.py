"""Whether a version still fits the node types that are installed: it was valid when it was published, and they may have
changed since. What cannot run is not released, and the answer says which node it is. It releases nothing.
"""

from collections.abc import Sequence

from flows.dsl.canonical import plain
from flows.dsl.problem import Problem
from flows.dsl.validate import validate
from flows.errors import Conflict, phrase
from flows.models import Version
from flows.nodes.installed import catalogue
from flows.operations import documents
from flows.operations.validation import unplannable


class NodeTypesGone(Conflict):
    """Version {version} can't be released: no node type {types} is installed."""

    code = "node_types_gone"
    hint = "Install what brings these node types, or choose another version."


class NoLongerFits(Conflict):
    """Version {version} can't be released: node {node} no longer fits its node type {type}. {reason}"""

    code = "no_longer_fits"
    hint = "Install the release of this node type that the version was made with, or choose another version."

    def __init__(self, *, version: int, type: str, problems: Sequence[Problem]) -> None:  # noqa: A002  # of the sentence
        self.problems = tuple(problems)
        first = self.problems[0]
        reason = phrase(first.template, **first.params)
        super().__init__(version=version, node=first.node or "–", type=type, reason=reason)


def check_fit(version: Version) -> None:
    """Raises NodeTypesGone with the types that are gone, NoLongerFits with the first node and every problem."""
    known, document = catalogue(), documents.document_of(version)
    gone = {node.type for node in document.nodes if known.get(node.type) is None}
    if gone:
        raise NodeTypesGone(version=version.number, types=", ".join(sorted(gone)))
    problems = unplannable(validate(plain(document), known))
    if problems:
        types = {node.id: node.type for node in document.nodes}
        raise NoLongerFits(version=version.number, type=types.get(problems[0].node or "", "–"), problems=problems)


def fits(version: Version) -> bool:
    """Whether it could be released."""
    try:
        check_fit(version)
    except (NodeTypesGone, NoLongerFits):
        return False
    return True
