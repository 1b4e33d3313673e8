"""Dataclasses that are frozen for whoever checks the code and cost nothing for it while it runs.

A frozen dataclass sets each of its fields by a call, three times as dear as an assignment; events are made by the
million. The type checker refuses to assign to a field of theirs as it does for any frozen class. It decides nothing
about what is made so.
"""

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(*, frozen: bool, **options: Any) -> Callable[[type], type]:
        """As `dataclasses.dataclass`; a frozen one is hashed by its fields and doesn't look who assigns to them."""
        return dataclasses.dataclass(unsafe_hash=frozen, **options)
