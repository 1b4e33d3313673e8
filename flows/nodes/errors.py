"""How a node says that it failed, and what that means for trying again.

Raise one of these with a sentence, or subclass one whose docstring is the sentence. Anything else a
node raises is taken for `Permanent` by the runtime, with the exception's name.
"""

from typing import ClassVar

from flows.errors import ErrorClass, MulgilError
from flows.security.safejson import Json


class NodeError(MulgilError):
    """{reason}"""

    code = "node_failed"
    status = 422

    deployment: dict[str, Json] | None = None
    """What a deployment has come to that failed by it."""

    def __init__(self, reason: str = "", *, details: Json = None, **fields: object) -> None:
        self.details = details
        super().__init__(reason=reason, **fields)


class Permanent(NodeError):
    """{reason}"""

    code = "permanent"


class Critical(NodeError):
    """{reason}"""

    code = "critical"
    klass: ClassVar[ErrorClass] = "critical"


class Recoverable(NodeError):
    """{reason}"""

    code = "recoverable"
    klass: ClassVar[ErrorClass] = "recoverable"

    def __init__(
        self, reason: str = "", *, retry_after: float | None = None, details: Json = None, **fields: object
    ) -> None:
        """`retry_after`: seconds the target asked us to wait before the next try."""
        self.retry_after = retry_after
        super().__init__(reason, details=details, **fields)


class NotSent(Recoverable):
    """Nothing was sent: {reason}"""

    code = "not_sent"
    hint = "The effect did not begin, so trying again is safe."


class Unanswered(Recoverable):
    """No answer came: {reason}"""

    code = "unanswered"
    hint = "Whether the effect happened is unknown: with the effect class once, a person or a rule decides."


class BadConfig(NodeError):
    """The resolved config does not fit: {reason}"""

    code = "bad_config"
    hint = "Look at the step's resolved input: an expression gave a value of another type than the field takes."


class BadNodeType(NodeError):
    """The node type {name} cannot be used: {reason}"""

    code = "bad_node_type"
