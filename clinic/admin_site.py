"""The staff's desk: Django's admin, with its own site class.

It lies outside clinic/admin, which registers models with it when it is imported.
"""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy as _


class StaffAdminConfig(AdminConfig):
    default_site = "clinic.admin_site.StaffAdminSite"


class StaffAdminSite(AdminSite):
    """Adds the navigation by tasks, the panels of the first page, and the way out of the demo."""

    site_title = _("Staff")
    site_header = _("Staff")
    index_title = _("Today")
    logout_template = "admin/logged_out.html"

    def get_urls(self) -> list[URLResolver | URLPattern]:
        from clinic import dashboard, desk_help, desk_search
        from clinic.accounts import (  # models: not loaded yet when the apps are
            password_reset,
            second_factor_views,
            session_views,
        )

        return [
            # For everybody: these ask for no session, or show nothing of the desk.
            path("password/forgotten/", password_reset.forgotten, name="password_reset"),
            path("password/sent/", password_reset.sent, name="password_reset_done"),
            path(
                "password/set/<uidb64>/<token>/",
                password_reset.ChoosePassword.as_view(),
                name="password_reset_confirm",
            ),
            path("password/chosen/", password_reset.chosen, name="password_reset_complete"),
            path("second-factor/", self.admin_view(second_factor_views.own), name="second_factor"),
            path(
                "second-factor/code/",
                self.admin_view(second_factor_views.ask_code),
                name="second_factor_code",
            ),
            path(
                "second-factor/set-up/",
                self.admin_view(second_factor_views.set_up),
                name="second_factor_set_up",
            ),
            path("sessions/", self.admin_view(session_views.own), name="sessions"),
            path("start-own/", self.admin_view(dashboard.start_own), name="start_own"),
            path("search/", self.admin_view(desk_search.search), name="search"),
            path("help/", self.admin_view(desk_help.show), name="help"),
            path("setup/", self.admin_view(dashboard.setup_list), name="setup"),
            *super().get_urls(),
        ]

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The password. A device becomes known here if no second step follows."""
        from clinic.accounts import guess_limits, password_reset, second_factor, session_views
        from clinic.models import User

        self.login_form = password_reset.SignInForm
        try:
            answer = super().login(request, extra_context)
        except guess_limits.TooManyTries:
            return render(request, "admin/locked_out.html", status=429)
        user, is_in = request.user, second_factor.Standing.IN
        if (
            request.method == "POST"
            and answer.status_code == 302
            and isinstance(user, User)
            and second_factor.standing(user, request.session) == is_in
        ):
            session_views.let_in(request, answer, user, is_new_factor=False)
        return answer

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """One's own password, which asks for the old one."""
        from clinic.accounts import password_reset

        context = {**self.each_context(request), **(extra_context or {})}
        return password_reset.ChangeOwnPassword.as_view(extra_context=context)(request)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        from clinic import dashboard

        return super().each_context(request) | {"navigation": dashboard.navigation(self, request)}

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        from clinic import dashboard

        return super().index(
            request, {"panels": dashboard.panels(request), **(extra_context or {})}
        )
