"""The staff's desk: Django's admin, with its own site class.

It lies outside clinic/admin, which registers models with it when it is imported.
"""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy as _


class StaffAdminConfig(AdminConfig):
    default_site = "clinic.staff.StaffAdminSite"


class StaffAdminSite(AdminSite):
    """Adds the navigation by tasks, the panels of the first page, and the way out of the demo."""

    site_title = _("Staff")
    site_header = _("Staff")
    index_title = _("Today")
    logout_template = "admin/logged_out.html"

    def get_urls(self) -> list[URLResolver | URLPattern]:
        from clinic import desk, passwords, sign_in  # models: not loaded yet when the apps are

        return [
            # For everybody: these ask for no session, or show nothing of the desk.
            path("password/forgotten/", passwords.forgotten, name="password_reset"),
            path("password/sent/", passwords.sent, name="password_reset_done"),
            path(
                "password/set/<uidb64>/<token>/",
                passwords.ChoosePassword.as_view(),
                name="password_reset_confirm",
            ),
            path("password/chosen/", passwords.chosen, name="password_reset_complete"),
            path("second-factor/", self.admin_view(sign_in.own), name="second_factor"),
            path(
                "second-factor/code/",
                self.admin_view(sign_in.ask_code),
                name="second_factor_code",
            ),
            path(
                "second-factor/set-up/",
                self.admin_view(sign_in.set_up),
                name="second_factor_set_up",
            ),
            path("start-own/", self.admin_view(desk.start_own), name="start_own"),
            path("setup/", self.admin_view(desk.setup_list), name="setup"),
            *super().get_urls(),
        ]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        from clinic import desk

        return super().each_context(request) | {"navigation": desk.navigation(self, request)}

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        from clinic import desk

        return super().index(request, {"panels": desk.panels(request), **(extra_context or {})})
