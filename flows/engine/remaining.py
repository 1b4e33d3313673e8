"""Which items of a step are left to run in another run, and what stands at the places of the others.

A step that collected its failures has an output with errors in it: all of those may be run again, or some. One that
failed, or was cancelled, has none: whatever of it has no output is run together. It refuses to know how that other run begins.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

from flows.engine.commands import Assembly
from flows.engine.deciding import outputs_of
from flows.engine.events import ItemsListed
from flows.engine.ranges import ranges_of
from flows.engine.state import Step, Window
from flows.errors import Conflict, MulgilError


class NoItems(MulgilError):
    """The step {step} ran no items."""

    code = "no_items"
    status = 422
    hint = "Run it again as a whole."


class ItemsUnderWay(Conflict):
    """The items of {step} are still under way."""

    code = "items_under_way"
    hint = "Wait until the step has ended, or cancel the run."


class NothingFailed(MulgilError):
    """No item of {step} failed."""

    code = "nothing_failed"
    status = 422


class NotAFailedItem(MulgilError):
    """Item {index} of {step} did not fail."""

    code = "not_a_failed_item"
    status = 422
    hint = "Only items that failed can be run again one by one."


class RunTogether(MulgilError):
    """The step {step} ended before all its items had, so those without an output run together."""

    code = "items_run_together"
    status = 422
    hint = "Ask for all its failed items."


@dataclass(frozen=True, slots=True)
class Remaining:
    """How the step begins in the other run, `again` of its items being run; `outputs` is still to be put together and
    stands in `listed` then."""

    listed: ItemsListed
    outputs: Assembly
    again: frozenset[int]


def remaining(
    step: Step, listed: ItemsListed, asked: Collection[int] | None = None, *, whole_ones: bool = False
) -> Remaining:
    """What is left of a top-level step that has ended; of collected failures only those that are `asked` for.

    `listed`: its last list; `whole_ones`: items that succeeded may be asked for too, since something inside them
    failed. Raises NoItems, ItemsUnderWay, NothingFailed, NotAFailedItem, RunTogether.
    """
    window = step.window
    if window is None or step.plan.kind == "while":
        raise NoItems(step=step.key)
    if step.status not in ("succeeded", "compensated", "failed", "cancelled"):
        raise ItemsUnderWay(step=step.key)
    failed = window.left.union(window.failed)
    if step.status in ("failed", "cancelled"):
        lacking = frozenset(range(window.count)) - (_ended(window) - failed)
        if asked is not None and not lacking.issubset(asked):
            raise RunTogether(step=step.key)
        return _listed(listed, outputs_of(window), lacking, frozenset())
    again = failed if asked is None else frozenset(asked)
    if not again:
        raise NothingFailed(step=step.key)
    for index in again - failed:
        if not whole_ones or not 0 <= index < window.count:
            raise NotAFailedItem(index=index, step=step.key)
    return _listed(listed, step.output, again, failed - again)


def _ended(window: Window) -> frozenset[int]:
    """The places of the items that have come to an end of their own."""
    begun = window.next if window.resume is None else window.resume
    return window.kept.union(range(begun)).difference(window.cut, window.unsure, window.again, window.live)


def _listed(listed: ItemsListed, outputs: Assembly, again: frozenset[int], left: frozenset[int]) -> Remaining:
    kept = ranges_of(index for index in range(listed.count) if index not in again)
    return Remaining(replace(listed, at=0, kept=kept, left=ranges_of(left), outputs=None), outputs, again)
