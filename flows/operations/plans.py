"""Plans of published versions, for who looks at runs without driving them. Compiled once per process and document.

It decides where a plan comes from and refuses to know what is looked at.
"""

from functools import lru_cache
from uuid import UUID

from flows.dsl.read import read_document
from flows.engine.compile import compile_plan
from flows.engine.plan import Plan
from flows.errors import NotFound
from flows.models import Run, Version
from flows.nodes.installed import catalogue
from flows.security import safejson


def plan_of(version: Version) -> Plan:
    """Raises InvalidDocument, NotRunnable."""
    return _compiled(version.hash, version.document)


def plan_along(run: UUID, content_hash: str) -> Plan:
    """The plan of a version of its flow that the run went by. Raises NotFound, and as `plan_of`."""
    flow = Run.objects.filter(pk=run).values("flow_id")
    # Of two versions with one document either may have been pruned.
    found = Version.objects.filter(flow_id__in=flow, hash=content_hash).exclude(document="").first()
    if found is None:
        raise NotFound(thing="version")
    return plan_of(found)


@lru_cache(maxsize=16)
def _compiled(_: str, text: str) -> Plan:
    return compile_plan(read_document(safejson.loads(text)), catalogue())
