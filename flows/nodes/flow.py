"""The control nodes: they choose a port, wait, end the run, or hold other nodes.

Their configs stand in `flows.dsl.control`, where the engine reads them too.
"""

from typing import Final

from flows.dsl.control import CallConfig, ForEachConfig, IfConfig, StopConfig, SwitchConfig, WaitConfig
from flows.dsl.durations import parse_duration
from flows.dsl.instants import format_instant, parse_instant
from flows.errors import LimitExceeded
from flows.nodes.base import (
    Answer,
    Call,
    Effect,
    Example,
    Items,
    Permanent,
    PortsFrom,
    Step,
    Stop,
    WaitUntil,
    _,
    node,
)
from flows.security.limits import LIMITS

CATEGORY: Final = "flow"


class NoCase(Permanent):
    """No case holds, and there is no fallback."""

    code = "no_case"
    hint = "Add a case for this value, or set a fallback."


class WaitTooLong(LimitExceeded):
    """A wait until {size} is over the limit of {limit}."""

    code = "wait_too_long"


@node(
    "flow.if",
    label=_("If"),
    icon="arrows-split",
    category=CATEGORY,
    effect=Effect.PURE,
    description=_("Takes one of two ways by a condition."),
    summary="{condition}",
    ports=("true", "false"),
    example=Example(
        config={"condition": "{{ input.total > 100 }}"}, input={"total": 120}, output={"port": "true"}, port="true"
    ),
)
async def if_(config: IfConfig, step: Step) -> Answer:
    """Leaves from `true` when the condition is true, else from `false`; the other way is dead.

    As in Python, `0`, empty text, empty lists, empty objects and null are false.
    """
    port = "true" if config.condition else "false"
    return Answer({"port": port}, port)


@node(
    "flow.switch",
    label=_("Switch"),
    icon="switch-3",
    category=CATEGORY,
    effect=Effect.PURE,
    description=_("Takes the way of the first case that holds."),
    summary="{value}",
    ports=PortsFrom("/cases/*/port", then=("fallback",), also=("/fallback",)),
    example=Example(
        config={
            "value": "{{ input.region }}",
            "cases": [{"equals": "north", "port": "north"}, {"when": "{{ input.total > 100 }}", "port": "large"}],
        },
        input={"region": "south", "total": 120},
        output={"port": "large"},
        port="large",
    ),
)
async def switch(config: SwitchConfig, step: Step) -> Answer:
    """Goes through its cases from the top and leaves from the port of the first that holds.

    A case holds when `value` equals its `equals`, or when its `when` is true. Where none holds, the
    fallback is taken; with the fallback set to null the step fails.
    """
    port = config.choose()
    if port is None:
        raise NoCase
    return Answer({"port": port}, port)


@node(
    "flow.wait",
    label=_("Wait"),
    icon="hourglass",
    category=CATEGORY,
    effect=Effect.PURE,
    description=_("Waits for a time or until an instant, for years if need be."),
    summary="{for}{until}",
    example=Example(config={"for": "24h"}),
)
async def wait(config: WaitConfig, step: Step) -> WaitUntil:
    """Parks the run, which then holds no memory and no connection, and goes on when the time has come.

    `for` is a duration such as `30s`, `24h` or `7d`; `until` an instant such as
    `2026-03-01T09:00:00+09:00`. An instant in the past is over at once.
    """
    until = step.began + parse_duration(config.for_) if config.for_ else parse_instant(config.until or "")
    return WaitUntil(latest_of(step, until), {"until": format_instant(until)})


def latest_of(step: Step, until: int) -> int:
    """The instant itself. Raises WaitTooLong for one too far away."""
    latest = step.began + LIMITS.sleep
    if until > latest:
        raise WaitTooLong(size=format_instant(until), limit=format_instant(latest))
    return until


@node(
    "flow.stop",
    label=_("Stop"),
    icon="player-stop",
    category=CATEGORY,
    effect=Effect.PURE,
    description=_("Ends the run, well or not."),
    summary="{outcome} {message}",
    ports=(),
    labels={"success": _("Success"), "error": _("Error")},
    example=Example(
        config={"outcome": "success", "output": {"order": "{{ input.order_id }}"}}, input={"order_id": "A-1042"}
    ),
)
async def stop(config: StopConfig, step: Step) -> Stop:
    """Ends the run at once; branches still under way are cancelled.

    With `success`, `output` becomes the run's output. With `error`, the run fails with `message`.
    """
    return Stop(config.outcome, config.output, config.message)


@node(
    "flow.call",
    label=_("Call a flow"),
    icon="sitemap",
    category=CATEGORY,
    effect=Effect.TRANSACTIONAL,
    description=_("Runs another flow, once, and waits for its output."),
    summary="{flow}",
    example=Example(
        config={"flow": "Ship an order", "input": {"order": "{{ input.order_id }}"}}, input={"order_id": 7}
    ),
)
async def call(config: CallConfig, step: Step) -> Call:
    """Starts a run of another flow of the workspace, by id or by name: its live version, or the one of this number.

    Its input is held against that flow's inputs. The step's output is the run's output; its failure is the
    step's failure, of the same class. With `wait` off the step goes on at once, with `{run}`. The node's
    timeout bounds the wait; a run nobody waits for any more is cancelled.
    """
    return Call(config.flow, config.version, config.input, config.wait)


@node(
    "flow.for_each",
    label=_("For each"),
    icon="repeat",
    category=CATEGORY,
    effect=Effect.PURE,
    description=_("Runs the nodes inside once per item of a list."),
    summary="{items}",
    role="container",
    labels={"stop": _("Stop at the first failure"), "collect": _("Collect the failures and go on")},
    example=Example(config={"items": "{{ input.orders }}", "concurrency": 5}, input={"orders": [1, 2]}),
)
async def for_each(config: ForEachConfig, step: Step) -> Items:
    """Runs the nodes inside it once per item, several at a time where `concurrency` says so.

    Inside, `item` and `index` are the item and its place. The output is the list of the iterations'
    outputs, in order. With `collect`, a failed iteration leaves `{"error": …}` at its place and the
    others go on; once more of them than the share `tolerate` have failed, the rest is cut and the step
    fails with class `partial`. With a retry only what failed or was cut is run again.
    """
    if len(config.items) > LIMITS.each_items:
        raise LimitExceeded(what="The list of items", size=len(config.items), limit=LIMITS.each_items)
    return Items(config.items)
