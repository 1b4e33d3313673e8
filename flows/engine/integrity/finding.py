"""What an author should know before publishing: every finding's code, sentence and mend, in one table.

A finding is a problem that keeps nothing from running; the faces translate it. Nothing here finds anything.
"""

from collections.abc import Mapping
from typing import Final, TypeAlias

from flows.dsl.problem import Problem

Finding: TypeAlias = Problem


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


# code -> sentence, mend
FINDINGS: Final[Mapping[str, tuple[str, str]]] = {
    # effects
    "may_be_sent_twice": (
        _(
            "{id} may be sent twice: after a crash or a timeout in mid-send it is sent again, "
            "and only a target that honours the idempotency key notices."
        ),
        _("If the target honours the key, confirm it. If not, send at most once: a person then decides after a crash."),
    ),
    # sagas
    "effect_may_stand": (
        _(
            "If {id} is cut off in mid-send, by its last timeout or by a failure beside it, "
            "its effect may stand although {undo} never runs."
        ),
        _("Send at most once: the run then asks a person what happened instead of guessing."),
    ),
    "not_undone": (
        _("Nothing undoes {id}: when {other} fails, the steps before it are undone and this effect stays."),
        _("Draw an edge from its port compensate to the step that undoes it."),
    ),
    "undo_never_runs": (
        _("{undo} undoes {id}, but when this flow fails it stops and undoes nothing."),
        _("Set the flow to compensate on failure, or remove the edge."),
    ),
    "undo_of_nothing": (
        _("{id} is not the undo of anything, and no trigger leads to it: it never runs."),
        _("Draw an edge to it from the port compensate of the step it undoes."),
    ),
    "nothing_to_undo": (
        _("The flow is to compensate when it fails, but no step has an undo."),
        _("Draw an edge from the port compensate of a step to the one that undoes it."),
    ),
    "undo_tried_once": (
        _("{undo} is tried once: if the network fails at that moment, {id} stays done and a person must mend it."),
        _("Give it retries; an undo can afford many."),
    ),
    # waits
    "waits_for_ever": (
        _("{id} waits without a timeout: if the signal never comes, the run never ends."),
        _("Give it a timeout and say what happens then, or give the flow one."),
    ),
    "asks_for_ever": (
        _("{id} asks people without a timeout: if nobody decides, the run never ends."),
        _("Give it a timeout and say what counts then, or give the flow one."),
    ),
    "quorum_out_of_reach": (
        _("{id} needs {quorum} to approve and asks {people}: it can be rejected, and never approved."),
        _("Lower the quorum, or ask more people, a role or a group."),
    ),
    "unknown_user": (
        _("{id} asks {name}, who is not in this workspace: nobody of that name can decide."),
        _("Name someone who is, or invite them."),
    ),
    "unknown_group": (
        _("{id} asks the group {name}, which this workspace does not have: nobody of it can decide."),
        _("Make the group in the settings, under members, or name another."),
    ),
    "nobody_can_send": (
        _("{id} waits for the signal {name}, which nobody can send: a name is a part of an address."),
        _("Give the signal a name without a slash."),
    ),
    # calls
    "calls_itself": (
        _("{id} calls the flow it is in: where nothing ends that, a run fails once the calls are too deep."),
        _("See that a way leads past the call, or use a loop."),
    ),
    "calls_itself_by_others": (
        _("{id} calls the flow it is in by way of others ({way}): where nothing ends that, a run fails in the end."),
        _("See that one of these flows has a way past its call, or call a version of it that doesn't call on."),
    ),
    "call_waits_for_ever": (
        _("{id} waits without a timeout for the flow it calls: while that doesn't end, this run doesn't either."),
        _("Give the step or the flow a timeout, or don't wait for the call."),
    ),
    "timeout_leads_nowhere": (
        _("When the time of {id} is over nothing follows, and the run ends as if all had gone well."),
        _("Draw an edge from its port timeout to what is to happen then."),
    ),
    "wait_beyond_timeout": (
        _("{id} waits {wait}, but the run is ended after {timeout}: this wait is never over in time."),
        _("Give the flow a longer timeout, or wait less."),
    ),
    # locks
    "lock_without_end": (
        _(
            "{id} takes the lock {name} while it holds {other}, and stands in line without end: a run that takes them in "
            "the opposite order and this one wait for each other for ever."
        ),
        _("Say how long it waits; one of the two then fails and lets the other pass."),
    ),
    "locks_in_both_orders": (
        _("{id} takes the lock {name} while it holds {other}; {opposite} takes them in the opposite order."),
        _("Take them in the same order everywhere: two runs that don't can only wait for each other."),
    ),
    # joins
    "join_waits": (
        _("The join {id} can wait for ever: it needs the way through {other}, which waits without a timeout."),
        _("Give that step a timeout, or let the join go on at the first way that arrives."),
    ),
    "join_can_fail": (
        _("{id} needs {count} of its ways, but no more than {most} are taken when {other} leaves by {port}: it fails."),
        _("Lower the count, or let it go on when every way is decided."),
    ),
    # secrets
    "secret_in_the_clear": (
        _(
            "{id}: {field} looks like a secret in the clear: who may read the flow, its versions or its files reads it too."
        ),
        _("Put it into a credential and choose that. What was published keeps it: have a new one made."),
    ),
    "secret_in_the_document": (
        _("{field} looks like a secret in the clear: who may read the flow, its versions or its files reads it too."),
        _("Put it into a credential and take it out here. What was published keeps it: have a new one made."),
    ),
}


def finding(code: str, *, path: str, node: str | None = None, **params: str | int) -> Finding:
    """A finding of the table."""
    template, hint = FINDINGS[code]
    return Problem(code=code, node=node, path=path, template=template, params=params, hint=hint)
