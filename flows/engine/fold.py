"""The fold: what each kind of event does to the state.

One function per kind, found by class in a table: this is the hottest path of the product, and a chain of
`match` cases would be asked up to twenty-six questions per event. A test holds the table complete. `run_moved` alone
isn't in it: it changes the plan that all others are folded with, so it is the machine's own.
"""

from collections.abc import Callable
from typing import Any, Final

from flows.engine import breakpoints, events, fold_attempts, fold_run, fold_waits
from flows.engine.events import Event
from flows.engine.plan import Plan
from flows.engine.state import Scope, State

FOLDS: Final[dict[type[Event], Callable[[Plan, State, Any], None]]] = {
    events.RunStarted: fold_run.run_started,
    events.RunSucceeded: fold_run.run_succeeded,
    events.RunFailed: fold_run.run_failed,
    events.RunCancelled: fold_run.run_cancelled,
    events.CancelRequested: fold_run.cancel_requested,
    events.RunTimedOut: fold_run.run_timed_out,
    events.RunOverLimit: fold_run.run_over_limit,
    events.RunPaused: fold_run.run_paused,
    events.RunResumed: fold_run.run_resumed,
    events.SignalReceived: fold_run.signal_received,
    events.BreakpointsSet: breakpoints.breakpoints_set,
    events.AlertRaised: fold_run.alert_raised,
    events.CompensationStarted: fold_run.compensation_started,
    events.StepStarted: fold_attempts.step_started,
    events.StepSucceeded: fold_attempts.step_succeeded,
    events.StepFailed: fold_attempts.step_failed,
    events.StepRetrying: fold_attempts.step_retrying,
    events.AttemptLost: fold_attempts.attempt_lost,
    events.StepUncertain: fold_attempts.step_uncertain,
    events.StepResolved: fold_attempts.step_resolved,
    events.StepHeld: breakpoints.step_held,
    events.BreakpointPassed: fold_attempts.breakpoint_passed,
    events.StepLetGo: fold_attempts.step_let_go,
    events.TimerSet: fold_waits.timer_set,
    events.StepWaiting: fold_waits.step_waiting,
    events.StepEscalated: fold_waits.step_escalated,
    events.LockGranted: fold_waits.lock_granted,
    events.ItemsListed: fold_waits.items_listed,
    events.ItemsCancelled: fold_waits.items_cancelled,
    events.TurnDecided: fold_waits.turn_decided,
    events.StepSkipped: fold_waits.step_skipped,
    events.StepCancelled: fold_waits.step_cancelled,
    events.StepCompensated: fold_waits.step_compensated,
}


def new_state(plan: Plan) -> State:
    """The state of a run that hasn't begun."""
    root = Scope("root", "", "", plan.root)
    state = State(root=root, compensates=plan.compensates)
    root.steps = state.steps  # keys at the top are node ids, so one table serves both
    state.scopes[""] = root
    return state
