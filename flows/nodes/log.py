"""A line in the run's log."""

from typing import Literal

from pydantic import Field, field_validator

from flows.nodes.base import Effect, Example, NodeConfig, Step, _, node
from flows.security.safejson import Json, dumps


class LogConfig(NodeConfig):
    message: str = Field("", description=_("The text; expressions are welcome"), max_length=65_536)
    level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("message", mode="before")
    @classmethod
    def _as_inside_a_text(cls, message: Json) -> str:
        """An expression alone gives its value, a number or a list; it is written as it would be within a sentence."""
        return message if isinstance(message, str) else dumps(message)


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
