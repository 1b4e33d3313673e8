"""A line in the run's log."""

from typing import Literal

from pydantic import Field

from flows.nodes.base import Effect, Example, NodeConfig, Step, _, node


class LogConfig(NodeConfig):
    message: str = Field("", description=_("The text; expressions are welcome"), max_length=65_536)
    level: Literal["debug", "info", "warning", "error"] = "info"


@node(
    "log",
    label=_("Log"),
    icon="notes",
    category="data",
    effect=Effect.PURE,
    description=_("Writes a line into the log of the run."),
    summary="{message}",
    labels={"debug": _("Debug"), "info": _("Information"), "warning": _("Warning"), "error": _("Error")},
    example=Example(config={"message": "Order {{ input.order_id }} arrived"}, input={"order_id": "A-1042"}),
)
async def log(config: LogConfig, step: Step) -> None:
    """Writes the message into the step's log, where the run shows it. The output is null."""
    if config.message:
        step.log(config.level, config.message)
