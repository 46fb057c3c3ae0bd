"""What staff find beside lists and forms: navigation, the page of today, the end of the demo."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from clinic import demo, frame, registry, setup
from clinic.models import Clinic, Credential, Image, Message, Missing
from clinic.registry import DeskPanel, PanelRow

# Heading, and under it: what it is called here, the model, the filter of its list.
NAVIGATION: list[tuple[Any, list[tuple[Any, str, str]]]] = [
    (_("Patients"), [(_("Enquiries"), "bookings.enquiry", "")]),
    (
        _("Writing"),
        [
            (_("Articles"), "articles.article", "kind__exact=article"),
            (_("Pages"), "articles.article", "kind__exact=page"),
            (_("Topics"), "articles.topic", ""),
            (_("References"), "articles.reference", ""),
            (_("Images"), "clinic.image", ""),
            (_("Requests by article"), "bookings.tally", ""),
        ],
    ),
    (
        _("Clinic"),
        [
            (_("People"), "clinic.practitioner", ""),
            (_("Services"), "clinic.service", ""),
            (_("Locations"), "clinic.location", ""),
            (_("Closed days"), "clinic.closure", ""),
            (_("Notices"), "clinic.announcement", ""),
        ],
    ),
    (
        _("House"),
        [
            (_("Settings"), "clinic.clinic", ""),
            (_("Accounts"), "clinic.user", ""),
            (_("Outgoing mail"), "clinic.message", ""),
            (_("Past addresses"), "clinic.redirect", ""),
            (_("Addresses not found"), "clinic.missing", ""),
        ],
    ),
]
EXPIRING = timedelta(days=90)
LATELY = timedelta(days=30)
SLOW = timedelta(minutes=15)  # a working worker sends within seconds


@dataclass(frozen=True)
class NavigationItem:
    label: str
    url: str
    is_current: bool
    count: int


def navigation(site: AdminSite, request: HttpRequest) -> list[tuple[str, list[NavigationItem]]]:
    """The lists that this person may see, under headings; headings without any are left out."""
    groups = []
    for heading, entries in NAVIGATION:
        items = [_item(request, *entry) for entry in entries if _may_see(site, request, entry[1])]
        if items:
            groups.append((str(heading), items))
    return groups


def _may_see(site: AdminSite, request: HttpRequest, label: str) -> bool:
    model = apps.get_model(label)
    if not site.is_registered(model):
        return False
    return site.get_model_admin(model).has_view_or_change_permission(request)


def _item(request: HttpRequest, label: Any, model: str, query: str) -> NavigationItem:
    url = reverse(f"admin:{model.replace('.', '_')}_changelist")
    count = registry.desk_counts.get(model)
    return NavigationItem(
        label=str(label),
        url=f"{url}?{query}" if query else url,
        is_current=request.path.startswith(url) and query == _filter(request, model),
        count=count(request) if count else 0,
    )


def _filter(request: HttpRequest, model: str) -> str:
    """Which of the lists of a model this is: the one whose filter the address has, or the first."""
    filters = [query for _, entries in NAVIGATION for _, of, query in entries if of == model]
    asked = request.META.get("QUERY_STRING", "")
    return next((query for query in filters if query and query in asked), filters[0])


def panels(request: HttpRequest) -> list[DeskPanel]:
    """What the apps have to say to this person today."""
    found = [panel for find in registry.desk_panels if (panel := find(request))]
    return sorted(found, key=lambda panel: panel.order)


def setup_panel(request: HttpRequest) -> DeskPanel | None:
    """For managers of a real clinic, until all is filled in."""
    if frame.current().clinic.is_demo or not _may_set_up(request):
        return None
    open_tasks = [task for task in setup.tasks() if not task.is_done]
    if not open_tasks:
        return None
    return DeskPanel(
        order=5,
        title=_t("Before you open"),
        rows=[PanelRow(task.label, task.hint, task.url) for task in open_tasks],
        action=PanelRow(_t("The whole list"), url=reverse("admin:setup")),
    )


def credentials_panel(request: HttpRequest) -> DeskPanel | None:
    """Credentials that have expired or will within three months: the site hides expired ones."""
    if not request.user.has_perm("clinic.change_practitioner"):
        return None
    today = timezone.localdate()
    ending = (
        Credential.objects.filter(valid_until__lte=today + EXPIRING)
        .select_related("practitioner")
        .order_by("valid_until", "id")[:8]
    )
    if not ending:
        return None
    return DeskPanel(
        order=50,
        title=_t("Credentials that end"),
        rows=[
            PanelRow(
                f"{credential.practitioner}: {credential.name}",
                date_format(credential.valid_until) if credential.valid_until else "",
                reverse("admin:clinic_practitioner_change", args=[credential.practitioner_id]),
                urgent=bool(credential.valid_until and credential.valid_until < today),
            )
            for credential in ending
        ],
    )


def mail_panel(request: HttpRequest) -> DeskPanel | None:
    """Mail that was given up, or that waits although it should have been sent long ago."""
    if not request.user.has_perm("clinic.view_message"):
        return None
    waiting = Message.objects.filter(sent_at=None, failed_at=None)
    late = waiting.filter(due_at__lt=timezone.now() - SLOW).count()
    given_up = Message.objects.exclude(failed_at=None).count()
    outbox = reverse("admin:clinic_message_changelist")
    rows = []
    if given_up:
        text = ngettext("%(n)d mail was given up", "%(n)d mails were given up", given_up)
        rows.append(PanelRow(text % {"n": given_up}, "", f"{outbox}?state=given-up", urgent=True))
    if late:
        text = ngettext("%(n)d mail waits too long", "%(n)d mails wait too long", late)
        hint = _t("Is the worker running?")
        rows.append(PanelRow(text % {"n": late}, hint, f"{outbox}?state=waiting", urgent=True))
    return DeskPanel(order=55, title=_t("Outgoing mail"), rows=rows) if rows else None


def pictures_panel(request: HttpRequest) -> DeskPanel | None:
    """Pictures that nobody has described yet."""
    if not request.user.has_perm("clinic.change_image"):
        return None
    nameless = Image.objects.filter(alt="")[:6]
    if not nameless:
        return None
    return DeskPanel(
        order=60,
        title=_t("Pictures without alternative text"),
        rows=[
            PanelRow(
                image.file.name or "", "", reverse("admin:clinic_image_change", args=[image.pk])
            )
            for image in nameless
        ],
    )


def missing_panel(request: HttpRequest) -> DeskPanel | None:
    """Addresses that visitors asked for lately and that are not there, the most wanted first."""
    if not request.user.has_perm("clinic.view_missing"):
        return None
    lately = Missing.objects.filter(last_seen_at__gte=timezone.now() - LATELY)
    wanted = lately.order_by("-hits", "-last_seen_at", "id")[:6]
    if not wanted:
        return None
    form = reverse("admin:clinic_redirect_add")
    return DeskPanel(
        order=58,
        title=_t("Addresses not found"),
        rows=[
            PanelRow(
                _t("Lead %(path)s somewhere") % {"path": missing.path},
                ngettext("asked for once", "asked for %(n)d times", missing.hits)
                % {"n": missing.hits},
                f"{form}?{urlencode({'path': missing.path})}",
            )
            for missing in wanted
        ],
        action=PanelRow(_t("All of them"), url=reverse("admin:clinic_missing_changelist")),
    )


def _may_set_up(request: HttpRequest) -> bool:
    return request.user.has_perm("clinic.change_clinic")


def _context(request: HttpRequest, title: str) -> dict[str, Any]:
    return admin.site.each_context(request) | {"title": title}


@require_http_methods(["GET", "HEAD", "POST"])
def start_own(request: HttpRequest) -> HttpResponse:
    """Ask, then take the demo away. For managers of a demo."""
    if not _may_set_up(request):
        raise PermissionDenied
    if not Clinic.objects.filter(is_demo=True).exists():
        return redirect("admin:setup")
    if request.method == "POST":
        demo.remove_all()
        frame.forget()
        messages.success(request, _t("The demo clinic is gone. This clinic is yours."))
        return redirect("admin:setup")
    return render(request, "admin/start_own.html", _context(request, _t("Start my own clinic")))


@require_safe
def setup_list(request: HttpRequest) -> HttpResponse:
    """What a new clinic must fill in, done or not."""
    if not _may_set_up(request):
        raise PermissionDenied
    context = _context(request, _t("Before you open")) | {"tasks": setup.tasks()}
    return render(request, "admin/setup.html", context)
