"""The page that the link of an approval's letter leads to: the question, and the buttons.

Decides: that looking has no effect, for programs open the links of letters before people do. Refuses to know what a
link is worth; whatever is wrong with one, the page is the same.
"""

from typing import Any, Final, get_args

import orjson
from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect

from flows.errors import BadInput
from flows.operations.approval_letters import SILENCE, LinkClosed, Opened, decide_opened, open_link
from flows.operations.approvals import MAX_COMMENT, Decision

TEMPLATE: Final = "flows/decide.html"


@method_decorator([never_cache, csrf_protect], name="dispatch")
class DecidePage(View):
    """By GET it shows what is asked; by POST it decides."""

    http_method_names = ("get", "head", "post")

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            return _page(request, open_link(token, signed_in=_signed_in(request)))
        except LinkClosed as closed:
            return _page(request, None, status=closed.status)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            return _decided(request, open_link(token, signed_in=_signed_in(request)))
        except LinkClosed as closed:
            return _page(request, None, status=closed.status)


def _decided(request: HttpRequest, opened: Opened) -> HttpResponse:
    said, comment = request.POST.get("decision"), request.POST.get("comment", "")
    decision: Decision | None = next((one for one in get_args(Decision) if one == said), None)
    if decision is None:
        return _page(request, opened, status=400)
    try:
        decide_opened(opened, decision, comment=comment)
    except BadInput as refused:
        return _page(request, opened, status=refused.status, problem=refused, comment=comment)
    return _page(request, opened, decision=decision)


def _signed_in(request: HttpRequest) -> int | None:
    return request.user.pk if isinstance(request.user, User) else None


def _page(
    request: HttpRequest, opened: Opened | None, *, status: int = 200, problem: BadInput | None = None, **more: Any
) -> HttpResponse:
    """In the language chosen in this browser, else in the person's own."""
    is_chosen = settings.LANGUAGE_COOKIE_NAME in request.COOKIES
    language = opened.language if opened is not None and not is_chosen else ""
    with translation.override(language or translation.get_language()):
        shown: dict[str, Any] = {"opened": opened, "most": MAX_COMMENT, **more}
        if opened is not None:
            shown["silence"] = gettext(SILENCE[opened.approval.default]) if opened.approval.default else ""
            shown["has_form"] = bool(orjson.loads(opened.approval.form).get("properties"))
        if problem is not None:
            shown["problem"] = gettext(problem.template).format_map(
                {name: gettext(str(value)) for name, value in problem.fields.items()}
            )
        return render(request, TEMPLATE, shown, status=status)
