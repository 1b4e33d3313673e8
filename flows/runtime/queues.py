"""Which named queues this worker host serves: `default`, or those it was started for."""

import os
from typing import Final

DEFAULT: Final = "default"
VARIABLE: Final = "MULGIL_QUEUES"
"""Set by `manage.py worker --queues gpu,default` for its own processes."""


def queues_of_this_host() -> list[str]:
    """In the order they are looked at."""
    named = [name.strip() for name in os.environ.get(VARIABLE, "").split(",")]
    return [name for name in named if name] or [DEFAULT]
