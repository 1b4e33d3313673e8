"""The site's own pages: the editor's shell, sign-in and sign-out, a change of password.

Decides: what a page needs before the editor's program takes over, and that a program which calls by a name the site
doesn't answer to is told so as programs are. Refuses to know anything of flows.
"""

from typing import Any, Final

from django.contrib.auth import views
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse_lazy
from django.utils.cache import add_never_cache_headers
from django.utils.translation import get_language, gettext
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe
from django.views.defaults import bad_request as bad_request_page

from builder_ui.built import entry
from builder_ui.guessing import count_guess, refuse_guesser

PROGRAMS: Final = ("/api/", "/hooks/")


class SignIn(views.LoginView):
    """Name and password; who is in already is sent on."""

    template_name = "builder_ui/sign_in.html"
    redirect_authenticated_user = True


class SignOut(views.LogoutView):
    """Ends the session; only by POST."""

    next_page = "sign-in"


class ChangePassword(views.PasswordChangeView):
    """A new password for oneself; guessing the old one is slowed as at the door."""

    template_name = "builder_ui/password.html"
    success_url = reverse_lazy("home")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Change it, unless too many wrong ones were tried."""
        refuse_guesser(request, request.user.get_username())
        return super().post(request, *args, **kwargs)

    def form_invalid(self, form: Any) -> HttpResponse:
        """Show the form again; a wrong old password is counted."""
        if "old_password" in form.errors:
            count_guess(self.request, self.request.user.get_username())
        return super().form_invalid(form)


@require_safe
@ensure_csrf_cookie
def app(request: HttpRequest, *_: str | None) -> HttpResponseBase:
    """The editor for who is signed in, the sign-in page in its place for who isn't."""
    if not request.user.is_authenticated:
        return SignIn.as_view()(request)
    built = entry()
    if built is None:
        return render(request, "builder_ui/unbuilt.html", status=503)
    response = render(request, "builder_ui/app.html", {"entry": built, "bootstrap": _bootstrap(request)})
    add_never_cache_headers(response)
    return response


@require_safe
def robots(_: HttpRequest) -> HttpResponse:
    """No page of this site belongs in a search engine."""
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that no view was asked about: for a program a problem document, for a browser a page."""
    if not request.path.startswith(PROGRAMS):
        return bad_request_page(request, exception)
    problem = {"type": "urn:mulgil:bad_request", "title": gettext("The request can't be read."), "status": 400}
    problem["code"] = "bad_request"
    if isinstance(exception, DisallowedHost):
        problem["title"] = gettext("This site doesn't answer to the name in the address.")
        problem["hint"] = gettext("Name it in MULGIL_ALLOWED_HOSTS.")
    return JsonResponse(problem, status=400, content_type="application/problem+json")


def _bootstrap(request: HttpRequest) -> dict[str, object]:
    user = request.user
    return {
        "user": {"id": user.pk, "name": user.get_username(), "is_staff": getattr(user, "is_staff", False)},
        "language": get_language(),
    }
