"""The trigger nodes: where a run enters. What listens for the world outside stands in `flows.triggers`."""

import re
from datetime import UTC, datetime
from typing import Annotated, Final, Literal, Self

from pydantic import Field, field_validator, model_validator

from flows.dsl.durations import Duration
from flows.nodes.base import Effect, Example, Json, NodeConfig, Step, _, node
from flows.nodes.schedule import next_moments, zone_of

CATEGORY: Final = "trigger"

_PARAMETER: Final = re.compile(r":([a-z_][a-z0-9_]{0,62})$")
_PART: Final = re.compile(r"^[A-Za-z0-9._~-]{1,100}$")


class ManualConfig(NodeConfig):
    pass


@node(
    "trigger.manual",
    label=_("Start by hand"),
    icon="hand-click",
    category=CATEGORY,
    effect=Effect.PURE,
    role="trigger",
    description=_("Starts from the editor, the API or the command line."),
    example=Example(config={}, input={"order_id": "A-1042"}, output={"order_id": "A-1042"}),
)
async def manual(config: ManualConfig, step: Step) -> Json:
    """The output is the run's input, whose form the flow's `inputs` describe."""
    return step.input


def path_parts(path: str) -> list[str]:
    """The parts of a webhook's path, without the slashes at its ends. Raises ValueError, saying what is wrong."""
    parts = path.strip("/").split("/")
    names = [part for part in parts if part.startswith(":")]
    for part in parts:
        if part in (".", "..") or not (_PARAMETER.fullmatch(part) or _PART.fullmatch(part)):
            raise ValueError("a path is words of letters, digits and . _ ~ - joined by /, with parameters as :name")
    if len(set(names)) != len(names):
        raise ValueError("a parameter's name stands twice in the path")
    return parts


def match_path(pattern: str, path: str) -> dict[str, str] | None:
    """The parameters of a path by the pattern's names; None where it does not fit. Both without host and query."""
    wanted, given = pattern.strip("/").split("/"), path.strip("/").split("/")
    if len(wanted) != len(given):
        return None
    found: dict[str, str] = {}
    for part, value in zip(wanted, given, strict=True):
        if part.startswith(":"):
            found[part[1:]] = value
        elif part != value:
            return None
    return found if all(found.values()) else None


class WebhookConfig(NodeConfig):
    path: str = Field(
        min_length=1, max_length=400, description=_("Below the workspace's address; :name takes any one part")
    )
    methods: Annotated[list[Literal["GET", "POST", "PUT", "PATCH", "DELETE"]], Field(min_length=1)] = ["POST"]
    auth: Literal["none", "basic", "header", "bearer", "hmac", "github", "stripe", "slack"] = Field(
        "none", description=_("How the caller shows who it is; the secret is in the credential")
    )
    respond: Literal["at_once", "result"] = Field("at_once", description=_("When the caller gets its answer"))

    @field_validator("path")
    @classmethod
    def _clean(cls, path: str) -> str:
        path_parts(path)
        return path


@node(
    "trigger.webhook",
    label=_("Webhook"),
    icon="webhook",
    category=CATEGORY,
    effect=Effect.PURE,
    role="trigger",
    credential="webhook",
    description=_("Starts when a request arrives."),
    summary="{methods} {path}",
    labels={
        "none": _("Anyone"),
        "basic": _("User and password"),
        "header": _("Token in a header"),
        "bearer": _("Bearer token"),
        "hmac": _("Signature (HMAC)"),
        "github": "GitHub",
        "stripe": "Stripe",
        "slack": "Slack",
        "at_once": _("At once, with the run's id"),
        "result": _("With the run's result"),
    },
    example=Example(
        config={"path": "orders/:order_id", "methods": ["POST"], "auth": "none"},
        input={"params": {"order_id": "A-1042"}, "body": {"paid": True}},
        output={"params": {"order_id": "A-1042"}, "body": {"paid": True}},
    ),
)
async def webhook(config: WebhookConfig, step: Step) -> Json:
    """The output is the request: `{method, path, params, query, headers, body}`.

    With `auth` other than none, a credential of the kind webhook holds the secret. The presets for
    GitHub, Stripe and Slack check the sender's signature over the raw body, and its age where the
    scheme signs the time.
    """
    return step.input


class ScheduleConfig(NodeConfig):
    cron: str | None = Field(
        None,
        max_length=200,
        description=_("Minute, hour, day, month, weekday"),
        json_schema_extra={"format": "mulgil-cron"},
    )
    every: Duration | None = Field(
        None, description=_("An interval instead, counted from midnight UTC of 1 January 1970")
    )
    timezone: str = Field(
        "UTC",
        max_length=100,
        description=_("For cron, such as Asia/Seoul"),
        json_schema_extra={"format": "mulgil-timezone"},
    )
    missed: Literal["skip", "last", "all"] = Field(
        "last", description=_("What becomes of moments that passed while nothing was running")
    )

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        zone_of(self.timezone)
        if not next_moments(datetime(2026, 1, 1, tzinfo=UTC), cron=self.cron, every=self.every, count=1):
            raise ValueError("this schedule never comes")
        return self

    def next_times(self, after: datetime, count: int = 5) -> list[datetime]:
        """The next moments past `after`, in UTC."""
        return next_moments(after, cron=self.cron, every=self.every, timezone=self.timezone, count=count)


@node(
    "trigger.schedule",
    label=_("Schedule"),
    icon="clock",
    category=CATEGORY,
    effect=Effect.PURE,
    role="trigger",
    description=_("Starts at set times."),
    summary="{cron}{every}",
    labels={"skip": _("None of them"), "last": _("Only the last one"), "all": _("Each of them")},
    example=Example(
        config={"cron": "30 9 * * 1-5", "timezone": "Asia/Seoul"},
        input={"scheduled_at": "2026-03-02T00:30:00Z"},
        output={"scheduled_at": "2026-03-02T00:30:00Z"},
    ),
)
async def schedule(config: ScheduleConfig, step: Step) -> Json:
    """Starts by cron in a time zone, or every so often; the output is the run's input, `{scheduled_at}`.

    Cron follows the wall clock of its zone, over its changes of hour.
    """
    return step.input
