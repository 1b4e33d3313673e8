"""The node that makes an older version of a flow live again. Who may, and which version, is decided by the product."""

from typing import Any

from pydantic import Field

from flows.nodes.base import Effect, Example, NodeConfig, Step, _, node
from flows.nodes.flow import CATEGORY


class RollbackConfig(NodeConfig):
    flow: str = Field("", description=_("Its id or name; empty for this flow itself"), max_length=200)
    version: int | None = Field(None, ge=1, lt=2**31, description=_("Empty: the last good one"))
    reason: str = Field("", description=_("Why; it stands in the history"), max_length=5_000)


@node(
    "flow.rollback",
    label=_("Roll back a flow"),
    icon="rotate-clockwise-2",
    category=CATEGORY,
    effect=Effect.TRANSACTIONAL,
    description=_("Makes an older version of a flow live again."),
    summary="{flow}",
    example=Example(
        config={"flow": "Ship an order", "reason": "Too many failures: {{ input.failed }}"},
        input={"failed": 12},
        output={
            "flow": "Ship an order",
            "version": 3,
            "previous": 4,
            "release": "0199b0a0-0000-7000-8000-000000000000",
            "missing_credentials": [],
        },
    ),
)
async def rollback(config: RollbackConfig, step: Step) -> dict[str, Any]:
    """New runs use the version at once; runs that have begun keep theirs.

    Without `version` it is the last good one: live before, and its newest runs succeeded. The step acts as the
    person who published the version this run goes by, with the rights that person has now; a run of a draft may
    not roll back. However often the step is tried, one release is made. The output is
    `{flow, version, previous, release, missing_credentials}`; the last names credentials that the version asks for
    and that are gone: steps that use them fail until somebody creates them.
    """
    return await step.roll_back(flow=config.flow, version=config.version, reason=config.reason)
