"""Why something was released, where the product itself says so. The history keeps the sentence in English; who shows it
has it said again in the reader's language. What a person wrote is nobody's to translate.
"""

import re
from collections.abc import Mapping
from typing import Final

from flows.errors import Phrase, phrase


def _(text: str) -> str:
    """Mark a text for translation."""
    return text


TEMPLATES: Final = (
    _("errors {figure} % are over {bound} % after {runs} runs"),
    _("99 % done in {figure} ms is over {bound} ms after {runs} runs"),
    _("results not as the guard says {figure} % are over {bound} % after {runs} runs"),
    _("held at {before} %, now {weight} %"),
    _("the canary held every step up to {weight} %"),
    _("the canary held, but can't be released: {reason}"),
    _("the canary's guards can't be judged: {reason}"),
    _("the last good one: {good} of its last {runs} runs succeeded"),
    _("asked for by run #{number}"),
    _("promoted from {environment}"),
)
OF_GUARDS: Final[Mapping[str, str]] = dict(zip(("error_rate", "p99_ms", "expression_rate"), TEMPLATES, strict=False))
HELD, HELD_TO_THE_END, NOT_RELEASED, NOT_JUDGED, LAST_GOOD, BY_RUN, PROMOTED = TEMPLATES[3:]

_HOLE: Final = re.compile(r"\\\{(\w+)\\\}")
# What else stands in a hole than a number, by its name.
_SHAPES: Final[Mapping[str, str]] = {"reason": ".+", "environment": "[a-z][a-z0-9-]*"}


def _pattern(template: str) -> re.Pattern[str]:
    """Every hole holds a number but an environment's name and the last one's reason, so that no text is read twice."""
    shape = _HOLE.sub(lambda hole: f"(?P<{hole[1]}>{_SHAPES.get(hole[1], '[0-9.]+')})", re.escape(template))
    return re.compile(shape, re.DOTALL)


_PATTERNS: Final = tuple((template, _pattern(template)) for template in TEMPLATES)


def reason(template: str, **fields: object) -> str:
    """One of these sentences, as the history keeps it."""
    return template.format_map(fields)


def recognised(text: str) -> str | Phrase:
    """A reason of the product as the phrase it was made after; any other text as it is."""
    for template, pattern in _PATTERNS:
        found = pattern.fullmatch(text)
        if found is not None:
            return phrase(template, **found.groupdict())
    return text
