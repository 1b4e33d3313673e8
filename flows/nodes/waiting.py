"""The nodes that wait for the world: each parks its run until something outside answers.

They decide what is waited for and until when. Who may answer, and which of two answers wins, is decided
where answers are taken in.
"""

from flows.dsl.control import ApprovalConfig, SignalConfig
from flows.dsl.durations import parse_duration
from flows.nodes.base import Effect, Example, Step, WaitFor, _, node
from flows.nodes.flow import CATEGORY, latest_of


@node(
    "flow.signal",
    label=_("Wait for a signal"),
    icon="broadcast",
    category=CATEGORY,
    effect=Effect.PURE,
    description=_("Waits for a message from outside, for years if need be."),
    summary="{name}",
    ports=("out", "timeout"),
    example=Example(config={"name": "paid", "timeout": "7d"}),
)
async def signal(config: SignalConfig, step: Step) -> WaitFor:
    """Parks the run until someone sends it the signal `name`; its payload is the output.

    A signal is sent by `POST /api/runs/{id}/signals/{name}/`, or by hand from the run's page. One that comes
    before the step waits is kept for it, in order; several steps that await one name get one each, the first
    to wait the first to come. With `timeout`, the port `timeout` is taken when nothing has come by then:
    signal or timeout, exactly one of them wins.
    """
    due = latest_of(step, step.began + parse_duration(config.timeout)) if config.timeout else None
    return WaitFor("signal", config.name, due)


@node(
    "flow.approval",
    label=_("Approval"),
    icon="user-check",
    category=CATEGORY,
    effect=Effect.PURE,
    description=_("Asks people for a decision and waits for it."),
    summary="{title}",
    ports=("approved", "rejected", "timeout"),
    labels={
        "viewer": _("viewer"),
        "operator": _("operator"),
        "editor": _("editor"),
        "admin": _("admin"),
        "timeout": _("neither: the port “timeout”"),
        "approve": _("counts as approved"),
        "reject": _("counts as rejected"),
    },
    example=Example(
        config={"title": "Refund order {{ input.order }}?", "assignees": {"roles": ["admin"]}, "timeout": "2d"},
        input={"order": "A-1042"},
    ),
)
async def approval(config: ApprovalConfig, step: Step) -> WaitFor:
    """Parks the run and asks the people named, by user name, by role or by group, to approve or reject.

    It leaves from `approved` once `quorum` people have approved, and from `rejected` at the first who rejects;
    the output is `{"decision", "votes": [{"by", "decision", "comment", "form", "at"}]}`. With a `form`, who
    approves fills it in. When nothing is decided by the `timeout`, the port `timeout` is taken, or with `on_timeout`
    the default counts as the decision, with no votes in the output: a decision or the timeout, exactly one of them
    wins. Who has an e-mail address gets a letter with a link to decide by. When nobody has decided `after` a time,
    an `escalation` asks further people too, stage by stage; they get letters then.
    """
    due = latest_of(step, step.began + parse_duration(config.timeout)) if config.timeout else None
    stages = tuple(latest_of(step, stage) for stage in config.stages(step.began))
    return WaitFor("approval", config.title, due, config.model_dump(mode="json"), config.default, stages)
