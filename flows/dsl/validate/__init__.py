"""Validation of a document, total: every problem at once, each with its place and its mend.

It decides whether a document can run. It reads what can be read whatever is wrong beside it, asks
the catalogue about node types, and looks at nothing outside.
"""

from collections.abc import Collection
from typing import Any

import orjson

from flows.dsl.bulk import without_collecting
from flows.dsl.catalogue import Catalogue
from flows.dsl.problem import Problem, problem
from flows.dsl.upgrades import DSL, upgrade
from flows.dsl.validate.edges import check_edges, check_promises
from flows.dsl.validate.expressions import check_expressions
from flows.dsl.validate.graph import check_graph
from flows.dsl.validate.names import check_names
from flows.dsl.validate.outline import outline
from flows.dsl.validate.samples import check_samples
from flows.dsl.validate.scheme import scheme
from flows.dsl.validate.settings import check_settings
from flows.security import safejson
from flows.security.limits import LIMITS
from flows.security.safejson import Json

__all__ = ["Problem", "validate"]


def validate(raw: Json, catalogue: Catalogue, credentials: Collection[str] | None = None) -> list[Problem]:
    """Every problem of a document; none means that it can run.

    `credentials` are the names of the workspace's credentials; None where they are not known.
    """
    frame = _frame(raw)
    if frame or not isinstance(raw, dict):
        return frame
    nodes = raw.get("nodes")
    with without_collecting(len(nodes) if isinstance(nodes, list) else 0):
        return _problems(raw, catalogue, credentials)


def _problems(raw: dict[str, Json], catalogue: Catalogue, credentials: Collection[str] | None) -> list[Problem]:
    found = outline(upgrade(raw), catalogue)
    drawn = scheme(found)
    problems = [
        *found.problems,
        *check_names(found, catalogue),
        *check_settings(found, credentials),
        *check_expressions(found, drawn),
        *check_edges(found),
        *check_promises(found),
        *check_graph(found, drawn),
        *check_samples(found),
    ]
    return list({(one.code, one.path, one.message): one for one in problems}.values())


def _frame(raw: Any) -> list[Problem]:
    """Problems beside which nothing else can be looked at: no object, too large, too deep, of another format."""
    if not isinstance(raw, dict):
        return [problem("not_an_object", path="")]
    try:
        safejson.check(raw)
    except safejson.TooDeep as error:
        return [problem("too_deep", path="", **error.fields)]
    except safejson.BadValue as error:
        return [problem("bad_value", path="", where=error.fields["path"], what=error.fields["what"])]
    version = raw.get("dsl", DSL)
    if not isinstance(version, int) or isinstance(version, bool) or not 1 <= version <= DSL:
        return [problem("unknown_dsl", path="/dsl", version=str(version)[:40], known=DSL)]
    return _sizes(raw)


def _sizes(raw: dict[str, Json]) -> list[Problem]:
    found = []
    size = len(orjson.dumps(raw))
    if size > LIMITS.document_bytes:
        found.append(problem("too_large", path="", size=size, limit=LIMITS.document_bytes))
    nodes = raw.get("nodes")
    count = len(nodes) if isinstance(nodes, list) else 0
    if count > LIMITS.document_nodes:
        found.append(problem("too_many_nodes", path="/nodes", size=count, limit=LIMITS.document_nodes))
    return found
