"""The nodes that wait for the world: each parks its run until something outside answers.

They decide what is waited for and until when. Who may answer, and which of two answers wins, is decided
where answers are taken in.
"""

from flows.dsl.control import SignalConfig
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
    due = latest_of(step, step.clock + parse_duration(config.timeout)) if config.timeout else None
    return WaitFor("signal", config.name, due)
