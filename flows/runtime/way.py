"""How the attempts of one node go, found out once for all runs of its version: at once or not, and with which config.

It decides nothing about an attempt; whoever performs one asks it, for each step of each run.
"""

import orjson
from pydantic import BaseModel

from flows.engine.plan import NodePlan
from flows.nodes.base import NodeType
from flows.runtime.errors import NodeTypeMissing
from flows.runtime.manner import manner_of
from flows.security.safejson import Json


class Way:
    """`is_swift`: nothing of its performance can wait for anything, so that it may be performed here and now."""

    __slots__ = ("_is_constant", "_is_ours", "_made", "is_swift", "looks_at_step", "type")

    def __init__(self, node: NodePlan) -> None:
        if not isinstance(node.type, NodeType):
            raise NodeTypeMissing(name=node.type.name)
        manner = manner_of(node.type)
        self.type = node.type
        self.is_swift = node.config.is_closed and manner.never_waits and not node.node.credential
        self.looks_at_step = manner.looks_at_step
        self._is_ours = manner.is_ours
        self._is_constant = node.config.is_constant
        self._made: BaseModel | None = None

    def config(self, resolved: Json, *, is_given: bool) -> BaseModel:
        """What the function gets of what was resolved; `is_given`: a person wrote it, the document doesn't say it."""
        if not self._is_ours:
            # What it gets must be its own: changing it must not reach into the outputs of other steps.
            return self.type.validate(orjson.loads(orjson.dumps(resolved)))
        if is_given or not self._is_constant:
            return self.type.validate(resolved)
        if self._made is None:
            self._made = self.type.validate(resolved)
        return self._made


def way_of(node: NodePlan) -> Way:
    """The node's. Raises NodeTypeMissing for a type that has no function here."""
    known: Way | None = node.known.get(Way)
    if known is None:
        known = node.known[Way] = Way(node)
    return known
