/** The events of a journal that have words of their own. */
export const KINDS = [
  "run_started", "run_succeeded", "run_failed", "run_cancelled", "run_timed_out", "run_over_limit", "run_paused", "run_resumed",
  "cancel_requested", "signal_received", "breakpoints_set", "run_moved", "alert_raised", "compensation_started",
  "step_started", "step_succeeded", "step_failed", "step_retrying", "step_uncertain", "step_resolved", "step_held", "step_let_go",
  "step_skipped", "step_cancelled", "step_compensated", "step_waiting", "attempt_lost", "breakpoint_passed", "timer_set",
  "items_listed", "items_cancelled", "turn_decided",
] as const;
