"""Which address answers with what: the product's own, the admin's, sign-in, and the editor for the rest."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.i18n import set_language

from builder_ui import pages

handler500 = "builder_ui.failing.failed"

urlpatterns = [
    path("", include("flows.urls")),
    path("admin/", admin.site.urls),
    path("sign-in/", pages.SignIn.as_view(), name="sign-in"),
    path("sign-out/", pages.SignOut.as_view(), name="sign-out"),
    path("password/", pages.ChangePassword.as_view(), name="password_change"),
    path("language/", set_language, name="set_language"),
    path("robots.txt", pages.robots, name="robots"),
    path("", pages.app, name="home"),
    re_path(
        r"^(flows|runs|jobs|compare|samples|approvals|credentials|operations|settings)(/.*)?$", pages.app, name="app"
    ),
]

handler400 = "builder_ui.pages.bad_request"
