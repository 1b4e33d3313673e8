"""What can go wrong between an event and the journal."""

from flows.errors import LimitExceeded, MulgilError


class RunLost(MulgilError):
    """The run {run} belongs to another executor now; what this one wrote of it was refused."""

    code = "run_lost"
    status = 409


class Unwritable(MulgilError):
    """The value cannot be kept: {reason}"""

    code = "unwritable_value"
    status = 422
    hint = "Remove NUL characters, half surrogate pairs, NaN and infinite numbers from what the step returns."


class OutputTooLarge(LimitExceeded):
    """{what} is {size} bytes, over the limit of {limit}."""

    code = "output_too_large"
    hint = "Return less, or keep the data in a store and return where it stands."


class JournalStopped(MulgilError):
    """The journal of this executor has stopped writing: {reason}"""

    code = "journal_stopped"
    status = 503


class UnknownKind(MulgilError):
    """The journal of the run holds an event of the unknown kind {kind}."""

    code = "unknown_event_kind"
    hint = "It was written by a newer release; start that release again."


class PayloadMissing(MulgilError):
    """The value {hash} that the journal refers to is not there."""

    code = "payload_missing"
    klass = "corruption"
