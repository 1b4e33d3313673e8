"""Sentences of the product in the reader's language, for every face alike: what stands in their fields is said too."""

from typing import Any, Final

from django.utils.translation import gettext

from flows.errors import MulgilError, Phrase, phrase

WORDS: Final = frozenset({"thing", "status", "role", "what"})
"""Fields that hold words of the product's own, such as the name of a status: they are said too where there is Korean."""
UNPROCESSABLE: Final = 422


def translated(template: str, params: Any) -> str:
    """A message template in the reader's language, filled."""
    if not template:
        return ""
    text = gettext(template)
    return text.format_map({name: _field(name, value) for name, value in params.items()}) if params else text


def _field(name: str, value: Any) -> Any:
    is_word = name in WORDS and isinstance(value, str) and not isinstance(value, Phrase)
    return gettext(value) if is_word and value else said(value)


def said(value: Any) -> Any:
    """A part of a sentence in the reader's language where it can be said in another; anything else as it is."""
    return translated(value.template, value.fields) if isinstance(value, Phrase) else value


def problem_document(status: int, code: str, title: str, hint: str = "") -> dict[str, Any]:
    """A refusal as RFC 9457 has it. One of what was sent (422) holds the problem for whoever reads those alone."""
    body: dict[str, Any] = {"type": f"urn:mulgil:{code}", "title": title, "status": status, "code": code}
    if hint:
        body["hint"] = hint
    if status == UNPROCESSABLE:
        body["problems"] = [{"code": code, "node": None, "path": "", "message": title, "hint": hint}]
    return body


def phrase_of(error: MulgilError) -> Phrase:
    """What an error says, as a part of another sentence."""
    return phrase(error.template, **error.fields)


def message_of(error: MulgilError) -> str:
    return translated(error.template, error.fields)
