"""The page an invitation's link leads to: it shows who invites into what, and lets a stranger or a user in.

Decides: the steps of joining by a browser. Refuses to know what an invitation is worth. The secret stands behind
the `#` of the link, which browsers keep to themselves, and comes here in the body of a form: no address, and so no
log and no referer, ever holds it.
"""

from typing import Any, Final

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters

from flows.api.throttles import GuessThrottle
from flows.errors import BadInput, Conflict, MulgilError
from flows.operations.members import accept_invitation, look_at_invitation

TEMPLATE: Final = "flows/join.html"
LANDING: Final = "/"
TOO_MANY: Final = _("Too many requests; wait a moment.")
NOT_OPEN: Final = _("There is no such invitation: it may have been withdrawn, or the link is not whole.")


@method_decorator([never_cache, csrf_protect, sensitive_post_parameters("secret", "password")], name="dispatch")
class JoinPage(View):
    """By GET it waits for the secret; by POST it shows the invitation, and with `answer` accepts it."""

    http_method_names = ("get", "head", "post")

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, TEMPLATE)

    def post(self, request: HttpRequest) -> HttpResponse:
        if not GuessThrottle().allow_request(request, None):  # type: ignore[arg-type]  # it reads what both kinds of request have
            return render(request, TEMPLATE, {"problem": gettext(TOO_MANY)}, status=429)
        secret = request.POST.get("secret", "").strip()
        if request.POST.get("answer") == "other" and request.user.is_authenticated:
            logout(request)
        try:
            invitation = look_at_invitation(secret)
        except MulgilError as error:
            return render(request, TEMPLATE, {"problem": _told(error), "closed": True}, status=error.status)
        shown = {
            "invitation": invitation,
            "secret": secret,
            "username": request.POST.get("username", ""),
            "sign_in": resolve_url(settings.LOGIN_URL),
        }
        if request.POST.get("answer") != "join":
            return render(request, TEMPLATE, shown)
        try:
            return _join(request, secret)
        except (BadInput, Conflict) as error:
            return render(request, TEMPLATE, {**shown, "problem": _told(error)}, status=error.status)


def _join(request: HttpRequest, secret: str) -> HttpResponse:
    if isinstance(request.user, User):
        accept_invitation(secret, user=request.user.pk)
        return HttpResponseRedirect(LANDING)
    name, password = request.POST.get("username", ""), request.POST.get("password", "")
    accept_invitation(secret, username=name, password=password)
    made = authenticate(request, username=name, password=password)
    if made is None:
        # Whoever guessed passwords from this address before is slowed down here too; the account is there all the same.
        return HttpResponseRedirect(resolve_url(settings.LOGIN_URL))
    login(request, made)
    return HttpResponseRedirect(LANDING)


def _told(error: MulgilError) -> str:
    """The error and its mend in the reader's language."""
    if error.code == "not_found":
        return gettext(NOT_OPEN)
    fields: dict[str, Any] = dict(error.fields)
    if isinstance(error, BadInput) and set(fields) == {"reason"}:
        return str(fields["reason"])
    said = gettext(error.template).format_map(fields)
    return f"{said} {gettext(error.hint)}" if error.hint else said
