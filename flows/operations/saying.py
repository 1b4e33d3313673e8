"""Sentences of the product in the reader's language, for every face alike: what stands in their fields is said too."""

from typing import Any

from django.utils.translation import gettext

from flows.errors import MulgilError, Phrase, phrase


def translated(template: str, params: Any) -> str:
    """A message template in the reader's language, filled."""
    if not template:
        return ""
    text = gettext(template)
    return text.format_map({name: said(value) for name, value in params.items()}) if params else text


def said(value: Any) -> Any:
    """A part of a sentence in the reader's language where it can be said in another; anything else as it is."""
    return translated(value.template, value.fields) if isinstance(value, Phrase) else value


def phrase_of(error: MulgilError) -> Phrase:
    """What an error says, as a part of another sentence."""
    return phrase(error.template, **error.fields)


def message_of(error: MulgilError) -> str:
    return translated(error.template, error.fields)
