"""The site's own pages: the editor's shell, sign-in and sign-out, a change of password.

Decides: what a page needs before the editor's program takes over. Refuses to know anything of flows.
"""

from typing import Any

from django.contrib.auth import views
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse_lazy
from django.utils.cache import add_never_cache_headers
from django.utils.translation import get_language
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from builder_ui.built import entry
from builder_ui.guessing import count_guess, refuse_guesser


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


def _bootstrap(request: HttpRequest) -> dict[str, object]:
    user = request.user
    return {
        "user": {"id": user.pk, "name": user.get_username(), "is_staff": getattr(user, "is_staff", False)},
        "language": get_language(),
    }
