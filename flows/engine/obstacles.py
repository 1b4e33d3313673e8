"""What can keep a run from going on by another version of its flow, in words.

It decides what is said of each, and refuses to know how it is found out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from flows.errors import Phrase, phrase

Why: TypeAlias = Literal[
    "not_begun", "over", "ending", "in_flight", "undo_setting",
    "node_gone", "came_back", "type_changed", "port_gone", "undo_gone", "signal_changed", "between_goes", "inside_changed",
    "before_it", "revived",
]  # fmt: skip
SENTENCES: Final[Mapping[Why, str]] = {
    "not_begun": "it has not begun",
    "over": "it has ended",
    "ending": "it is ending or being undone",
    "in_flight": "a step of it is under way",
    "undo_setting": "one of the two versions undoes what was done when a run fails, the other does not",
    "node_gone": "{node} has begun or is still needed, and the new version has no such node there",
    "came_back": "{node} ran before the run was moved to a version without it",
    "type_changed": "{node} has begun and is of another type in the new version",
    "port_gone": "{node} left by a port that the new version does not have",
    "undo_gone": "{node} is to be undone if the run fails, and the new version has no undo for it",
    "signal_changed": "{node} waits for a signal that has another name in the new version",
    "between_goes": "{node} is in the middle of its work, and in the new version that would go on with other settings",
    "inside_changed": "inside {node} there are other nodes or edges in the new version",
    "before_it": "{node} has begun, and in the new version something before it has not led there",
    "revived": "{node} was skipped, and in the new version a way leads there",
}
"""Why a run can't be moved, as part of a sentence."""
WHOLE: Final = frozenset(why for why, sentence in SENTENCES.items() if "{node}" not in sentence)
"""Obstacles that lie in the run as a whole; the others are about a node."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why the run can't go on by the new version. `node`: which; empty where it is the run as a whole."""

    why: Why
    node: str = ""

    @property
    def said(self) -> Phrase:
        """As part of a sentence, for people."""
        return phrase(SENTENCES[self.why], node=self.node)
