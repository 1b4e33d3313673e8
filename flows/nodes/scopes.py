"""The containers beside `flow.for_each`: turns while a condition holds, a scope with its own error path, a lock.

The engine opens and closes what is inside them; here stand their words, and what a look at a condition
answers. Their configs are in `flows.dsl.control`.
"""

from flows.dsl.control import LockConfig, TryConfig, WhileConfig
from flows.dsl.durations import parse_duration
from flows.nodes.base import Effect, Example, Step, WaitFor, _, node
from flows.nodes.flow import CATEGORY, latest_of


@node(
    "flow.while",
    label=_("While"),
    icon="rotate-clockwise-2",
    category=CATEGORY,
    effect=Effect.PURE,
    description=_("Runs the nodes inside again and again while a condition holds."),
    summary="{condition}",
    role="container",
    example=Example(config={"condition": "{{ index < 3 }}", "max": 100}, output=True),
)
async def while_(config: WhileConfig, step: Step) -> bool:
    """Looks at the condition before each turn, and runs the nodes inside once more while it is true.

    In the condition and inside, `index` is the turn, from 0, and `last` the output of the turn before
    (null in the first). The output is that of the last turn. A condition that still holds after `max`
    turns fails the step.
    """
    return bool(config.condition)


@node(
    "flow.try",
    label=_("Try"),
    icon="lifebuoy",
    category=CATEGORY,
    effect=Effect.PURE,
    description=_("Runs the nodes inside; what fails in there takes a way of its own."),
    ports=("out", "caught"),
    role="container",
    labels={
        "recoverable": _("Recoverable: another try might do"),
        "permanent": _("Permanent: another try is of no use"),
        "partial": _("Partial: some items of a list failed"),
        "critical": _("Critical: permanent, and raises an alert"),
    },
    example=Example(config={"catch": ["recoverable", "permanent"]}),
)
async def try_(config: TryConfig, step: Step) -> None:
    """Runs the nodes inside once and leaves from `out` with their output.

    When one of them fails for good, the others inside are cancelled and the step leaves from `caught`
    with `{"error": {"code", "class", "message", …}}`: the run goes on. A failure whose class isn't
    among `catch` fails the step.
    """


@node(
    "flow.lock",
    label=_("Lock"),
    icon="lock",
    category=CATEGORY,
    effect=Effect.PURE,
    description=_("Runs the nodes inside while no other run holds the same lock."),
    summary="{name}",
    role="container",
    example=Example(config={"name": "account {{ input.account }}", "wait": "10m"}, input={"account": "A-1042"}),
)
async def lock(config: LockConfig, step: Step) -> WaitFor:
    """Stands in line for the lock `name` of the workspace, runs the nodes inside once while it holds it, and lets it go.

    Who comes first is let in first; with `limit` so many hold it at once. The run is parked while it stands in line,
    and fails with `lock_timeout` after `wait`. Whatever ends the container or the run lets the lock go, and nothing
    else does: a run that is paused, or asks a person about an uncertain step, keeps it. Inside, `lock.token` is the
    fencing token: it grows with every grant, so that a target which remembers the greatest it has seen can refuse
    whoever comes late. A `retry` stands in line again; what is inside has retries of its own. What undoes a step
    inside runs when the lock was let go.
    """
    due = latest_of(step, step.began + parse_duration(config.wait)) if config.wait else None
    return WaitFor("lock", config.name, due, limit=config.limit)
