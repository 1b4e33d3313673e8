"""What people may look at of an attempt: its resolved input and its log, masked, within bounds.

It stands beside the attempt's last event and is never folded; nothing here may be a reason to fail.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson

from flows.engine.outcomes import Failed
from flows.errors import MulgilError
from flows.journal.values import INLINE_BYTES, plain_text, settle
from flows.runtime.context import Context
from flows.security.credentials import Credential
from flows.security.masking import Masker
from flows.security.safejson import Json

_PLAIN = Masker()


def masker_of(credential: Credential | None) -> Masker:
    return _PLAIN if credential is None else Masker(credential.secrets())


def seen_of_attempt(resolved: Json, context: Context | None) -> Mapping[str, Json] | None:
    """`input` (None is left out) and `logs`; None where there is nothing to see."""
    logs = context.logs if context is not None else []
    if resolved is None and not logs:
        return None
    masker = masker_of(context.credential if context is not None else None)
    seen: dict[str, Any] = {}
    if resolved is not None:
        seen["input"] = _shown(resolved, masker)
    if context is not None and logs:
        seen["logs"] = _shown(logs, masker)
        if context.dropped:
            seen["dropped"] = context.dropped
    return seen


def masked(failed: Failed, credential: Credential | None) -> Failed:
    """The failure without the secrets that foreign code put into its words."""
    if credential is None:
        return failed
    masker = masker_of(credential)
    error = failed.error
    shown = replace(error, message=masker.text(error.message), details=masker.json(error.details))
    return replace(failed, error=shown)


def _shown(value: Json, masker: Masker) -> Any:
    """As it is to stand in the event's text: the text itself where it is plain, else what is left of the value."""
    hidden = masker.json(value)
    text = plain_text(hidden)
    if text is not None:
        return orjson.Fragment(text)
    try:
        settled, payload = settle(hidden)
    except MulgilError:
        return {"$omitted": "unwritable"}
    if payload is not None:
        return {"$omitted": "large", "size": len(payload.data), "limit": INLINE_BYTES}
    return settled
