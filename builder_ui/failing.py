"""What a page answers where it came to an end that nobody foresaw.

Decides: that trouble with the database is told as such, by 503 and a word on what to do; that behind an address with what no
column can hold there is nothing; and that anything else is a defect of ours. It asks nothing of the database itself. Refuses to know what the page was about; calls of the API tell of their own.
"""

import logging
import sys
from typing import Final

from django.db import DataError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import page_not_found, server_error

GIVEN_UP: Final = "57014"
"""The server's word for a statement that took longer than it may, or that somebody had it give up."""
RETRY_AFTER: Final = "2"

log = logging.getLogger(__name__)


def failed(request: HttpRequest) -> HttpResponse:
    """The page in the place of the one that failed, by the exception that is being handled."""
    error = sys.exc_info()[1]
    if isinstance(error, DataError):
        return page_not_found(request, error)
    if not isinstance(error, OperationalError | InterfaceError):
        return server_error(request)
    log.warning("the page %s was given up: %s", request.path, error)
    took_too_long = getattr(error.__cause__, "sqlstate", None) == GIVEN_UP
    text = render_to_string("503.html", {"took_too_long": took_too_long})
    return HttpResponse(text, status=503, headers={"Retry-After": RETRY_AFTER})
