"""Errors as RFC 9457 problem documents, in the reader's language. Every error of the API passes here."""

import logging
from collections.abc import Iterable
from typing import Any, Final, Literal

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
)
from django.db import DatabaseError, DataError, InterfaceError, OperationalError
from django.http import Http404
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from pydantic import BaseModel, ValidationError
from rest_framework import exceptions
from rest_framework.response import Response

from flows.api.wire import MAX_BODY, PROBLEM
from flows.dsl.phrases import misfit_phrase
from flows.dsl.problem import pointer
from flows.dsl.read import InvalidDocument
from flows.errors import BadInput, BodyTooLarge, MulgilError
from flows.operations.documents import from_text
from flows.operations.drafts import StaleDraft
from flows.operations.exchange import ImportRefused
from flows.operations.facts import InputRefused
from flows.operations.fitting import NoLongerFits
from flows.operations.forms import FormRefused
from flows.operations.resolving import OutputRefused
from flows.operations.saying import message_of, problem_document, said, translated
from flows.operations.steering import SignalNotAwaited

log = logging.getLogger(__name__)

RETRY_AFTER: Final = "2"
# What the database says about a value it can't hold is about the input, not about the database; so is what its
# driver says of a NUL, which it sends nowhere and gives no code.
_BAD_VALUE: Final = frozenset({"22001", "22003", "22008", "22021", "22P02", "22P05", "54000"})


class Problem(BaseModel):
    """One thing that is wrong, at its place."""

    code: str
    node: str | None = None
    path: str = ""
    message: str
    hint: str = ""


class Finding(Problem):
    """What a crash, a silence or a failure would do at this place, or a secret in the clear; it keeps nothing from being published."""

    severity: Literal["warning"] = "warning"


class ProblemDocument(BaseModel):
    """An error. `code` is stable; `title` and `hint` are for people."""

    type: str
    title: str
    status: int
    code: str
    hint: str = ""
    problems: list[Problem] | None = None
    revision: int | None = None
    document: Any = None
    awaited: list[str] | None = None


class BadBody(BadInput):
    """The request doesn't have the shape it should: {reason}"""

    code = "bad_request"

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__(reason=problems[0].message)


class Gone(MulgilError):
    """The database doesn't answer."""

    code = "database_unavailable"
    status = 503
    hint = "Nothing was lost. Try again in a moment."


class TookTooLong(MulgilError):
    """The database was told to stop: this took it longer than it may."""

    code = "took_too_long"
    status = 503
    hint = "Ask for less at once, or try again in a moment."


_GIVEN_UP: Final = "57014"

_REFERS_TO_NOTHING: Final = "23503"

_AWAY: Final = ("57P", "25006")
"""Beginnings of the states of a server that shuts down or starts, and of one that takes no writes."""

_TITLES: Final = {
    "not_authenticated": _("Sign in, or send a token as `Authorization: Bearer …`."),
    "authentication_failed": _("Sign in, or send a token as `Authorization: Bearer …`."),
    "permission_denied": _("You may not do this."),
    "not_found": _("There is nothing at this address."),
    "method_not_allowed": _("This address doesn't take this method."),
    "unsupported_media_type": _("Send JSON, with Content-Type: application/json."),
    "not_acceptable": _("The answer is JSON; accept application/json."),
    "throttled": _("Too many requests; wait a moment."),
}


def answer(error: Exception, context: dict[str, Any] | None = None) -> Response:
    """The problem document for an error; one that nobody foresaw is a defect of ours, logged and told as such."""
    if isinstance(error, MulgilError):
        return _of_ours(error)
    if isinstance(error, OperationalError | InterfaceError | DatabaseError):
        return _of_database(error)
    if isinstance(error, RequestDataTooBig):
        return _of_ours(BodyTooLarge(limit=MAX_BODY))
    if isinstance(error, SuspiciousOperation | TooManyFieldsSent | UnicodeDecodeError):
        return _response(400, "bad_request", gettext("The request can't be read."))
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if isinstance(error, exceptions.APIException):
        return _of_framework(error)
    return _unforeseen(error)


def shape_problems(error: ValidationError) -> BadBody:
    """Pydantic's findings about a request, each at its JSON pointer, in the reader's language."""
    return BadBody(
        [
            Problem(
                code=one["type"],
                path="/" + "/".join(str(part) for part in one["loc"]),
                message=said(misfit_phrase(one, unnamed="the body")),
            )
            for one in error.errors(include_url=False)
        ]
    )


def problems_of(found: Iterable[Any]) -> list[Problem]:
    """The document's problems, translated."""
    return [Problem(**_told(one)) for one in found]


def findings_of(found: Iterable[Any]) -> list[Finding]:
    """The findings of the integrity report, translated."""
    return [Finding(**_told(one)) for one in found]


def _told(one: Any) -> dict[str, Any]:
    return {
        "code": one.code,
        "node": one.node,
        "path": one.path,
        "message": translated(one.template, one.params),
        "hint": gettext(one.hint) if one.hint else "",
    }


def _of_ours(error: MulgilError) -> Response:
    extra: dict[str, Any] = {}
    if isinstance(error, InvalidDocument | FormRefused | OutputRefused | NoLongerFits):
        extra["problems"] = problems_of(error.problems)
    elif isinstance(error, BadBody):
        extra["problems"] = error.problems
    elif isinstance(error, InputRefused):
        path, hint = pointer(*error.place), gettext(error.hint)
        extra["problems"] = [Problem(code=error.code, path=path, message=message_of(error), hint=hint)]
    elif isinstance(error, SignalNotAwaited):
        extra["awaited"] = error.awaited
    elif isinstance(error, ImportRefused):
        extra["problems"] = [
            Problem(code="file_refused", node=None, path=pointer("files", one.file), message=said(one.reason))
            for one in error.faults
        ]
    elif isinstance(error, StaleDraft):
        extra |= {"revision": error.draft.revision, "document": from_text(error.draft.document)}
    title = message_of(error)
    response = _response(error.status, error.code, title, hint=gettext(error.hint) if error.hint else "", **extra)
    if error.status in (429, 503):
        response["Retry-After"] = RETRY_AFTER
    if error.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


def _unforeseen(error: Exception) -> Response:
    log.error("an endpoint failed", exc_info=error)
    return _response(500, "defect", gettext("Something went wrong here, and it was written down."))


def _of_database(error: Exception) -> Response:
    state = getattr(error.__cause__, "sqlstate", None)
    if state in _BAD_VALUE or (state is None and isinstance(error, DataError)):
        return _response(422, "bad_value", gettext("A value is outside of what can be stored."))
    if state == _REFERS_TO_NOTHING:
        return _response(409, "gone_meanwhile", gettext("What this is about was deleted in the same moment."))
    if state == _GIVEN_UP:
        log.warning("A statement was given up: %s", error)
        return _of_ours(TookTooLong())
    if isinstance(error, OperationalError | InterfaceError) or (state or "").startswith(_AWAY):
        log.warning("The database did not answer: %s", error)
        return _of_ours(Gone())
    return _unforeseen(error)


def _of_framework(error: exceptions.APIException) -> Response:
    code = str(error.default_code)
    title = gettext(_TITLES[code]) if code in _TITLES else str(error.detail)
    response = _response(error.status_code, code, title)
    wait = getattr(error, "wait", None)
    if wait is not None:
        response["Retry-After"] = str(int(wait) + 1)
    challenge = getattr(error, "auth_header", None)
    if challenge:
        response["WWW-Authenticate"] = challenge
    return response


def _response(status: int, code: str, title: str, **extra: Any) -> Response:
    told = {key: value for key, value in extra.items() if value != "" and (key != "problems" or value)}
    body = problem_document(status, code, title, told.get("hint", "")) | told
    return Response(body, status=status, content_type=PROBLEM)
