"""What staff find beside lists and forms: navigation, the page of today, the end of the demo."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

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

from clinic import hooks
from clinic.hooks import DeskPanel, NavigationEntry, PanelRow
from clinic.models import Clinic, Credential, Image, Message, Missing
from clinic.operations import checkup, demo, setup_checklist
from clinic.site import page_context

HEADINGS = {
    "patients": _("Patients"),
    "writing": _("Writing"),
    "clinic": _("Clinic"),
    "administration": _("Administration"),
}
# The clinic's own lists. Each app adds its own when it starts.
NAVIGATION = [
    NavigationEntry("writing", 50, _("Images"), "clinic.image"),
    NavigationEntry("writing", 55, _("What works"), "clinic.dailycount"),
    NavigationEntry("clinic", 10, _("Practitioners"), "clinic.practitioner"),
    NavigationEntry("clinic", 20, _("Services"), "clinic.service"),
    NavigationEntry("clinic", 25, _("Red flags"), "clinic.redflag"),
    NavigationEntry("clinic", 30, _("Locations"), "clinic.location"),
    NavigationEntry("clinic", 40, _("Closures"), "clinic.closure"),
    NavigationEntry("clinic", 50, _("Announcements"), "clinic.announcement"),
    NavigationEntry("administration", 10, _("Settings"), "clinic.clinic"),
    NavigationEntry("administration", 20, _("Accounts"), "clinic.user"),
    NavigationEntry("administration", 25, _("Security log"), "clinic.securityevent"),
    NavigationEntry("administration", 30, _("Email queue"), "clinic.message"),
    NavigationEntry("administration", 40, _("Redirects"), "clinic.redirect"),
    NavigationEntry("administration", 50, _("Page-not-found log"), "clinic.missing"),
    NavigationEntry("administration", 60, _("Search synonyms"), "clinic.synonymgroup"),
    NavigationEntry("administration", 70, _("Searches without results"), "clinic.emptysearch"),
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
    entries = sorted(hooks.navigation, key=lambda entry: entry.order)
    groups = []
    for key, heading in HEADINGS.items():
        mine = [entry for entry in entries if entry.heading == key]
        items = [_item(request, entry) for entry in mine if may_see(site, request, entry.model)]
        if items:
            groups.append((str(heading), items))
    return groups


def may_see(site: AdminSite, request: HttpRequest, label: str) -> bool:
    """Whether this person may open the list of a model."""
    model = apps.get_model(label)
    if not site.is_registered(model):
        return False
    return site.get_model_admin(model).has_view_or_change_permission(request)


def _item(request: HttpRequest, entry: NavigationEntry) -> NavigationItem:
    url = _address(entry)
    count = hooks.desk_counts.get(entry.model) if entry.page == "changelist" else None
    return NavigationItem(
        label=str(entry.label),
        url=f"{url}?{entry.query}" if entry.query else url,
        is_current=entry.page == _page(request, entry.model)
        and request.path.startswith(url)
        and entry.query == _filter(request, entry.model),
        count=count(request) if count else 0,
    )


def _address(entry: NavigationEntry) -> str:
    return reverse(f"admin:{entry.model.replace('.', '_')}_{entry.page}")


def _page(request: HttpRequest, model: str) -> str:
    """Which page of a model this is, of those that the navigation has: the list, or another."""
    others = (each for each in hooks.navigation if each.model == model)
    return next(
        (
            each.page
            for each in others
            if each.page != "changelist" and request.path.startswith(_address(each))
        ),
        "changelist",
    )


def _filter(request: HttpRequest, model: str) -> str:
    """Which of the lists of a model this is: the one whose filter the address has, or the first."""
    entries = sorted(hooks.navigation, key=lambda entry: entry.order)
    filters = [entry.query for entry in entries if entry.model == model]
    asked = unquote(request.META.get("QUERY_STRING", ""))  # also as the list that a form came from
    return next((query for query in filters if query and query in asked), filters[0])


def panels(request: HttpRequest) -> list[DeskPanel]:
    """What the apps have to say to this person today."""
    found = [panel for find in hooks.desk_panels if (panel := find(request))]
    return sorted(found, key=lambda panel: panel.order)


def setup_panel(request: HttpRequest) -> DeskPanel | None:
    """For managers of a real clinic, until all is filled in."""
    if page_context.current().clinic.is_demo or not _may_set_up(request):
        return None
    open_tasks = [task for task in setup_checklist.tasks() if not task.is_done]
    if not open_tasks:
        return None
    return DeskPanel(
        order=5,
        title=_t("Before you go live"),
        rows=[
            PanelRow(task.label, task.hint, task.url, urgent=task.is_needed) for task in open_tasks
        ],
        action=PanelRow(_t("View all"), url=reverse("admin:setup")),
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
        title=_t("Expiring credentials"),
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


def server_panel(request: HttpRequest) -> DeskPanel | None:
    """For managers: what keeps the server from its work, for whoever runs it."""
    if not _may_set_up(request):
        return None
    at = timezone.now()
    found = [checkup.worker_finding(at), checkup.backup_finding(at), checkup.disk_finding()]
    rows = [
        PanelRow(
            f"{finding.subject}: {finding.fact}",
            _t("Please tell the person who runs your server: %(advice)s")
            % {"advice": finding.advice},
            urgent=True,
        )
        for finding in found
        if not finding.is_ok
    ]
    return DeskPanel(order=8, title=_t("Server"), rows=rows) if rows else None


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
        text = ngettext("%(n)d email failed", "%(n)d emails failed", given_up)
        rows.append(PanelRow(text % {"n": given_up}, "", f"{outbox}?state=given-up", urgent=True))
    if late:
        text = ngettext("%(n)d email is delayed", "%(n)d emails are delayed", late)
        hint = _t("Is the worker running?")
        rows.append(PanelRow(text % {"n": late}, hint, f"{outbox}?state=waiting", urgent=True))
    return DeskPanel(order=55, title=_t("Email queue"), rows=rows) if rows else None


def pictures_panel(request: HttpRequest) -> DeskPanel | None:
    """Pictures that nobody has described yet."""
    if not request.user.has_perm("clinic.change_image"):
        return None
    nameless = Image.objects.filter(alt="")[:6]
    if not nameless:
        return None
    return DeskPanel(
        order=60,
        title=_t("Images without alt text"),
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
        title=_t("Page-not-found log"),
        rows=[
            PanelRow(
                _t("Add a redirect for %(path)s") % {"path": missing.path},
                ngettext("requested once", "requested %(n)d times", missing.hits)
                % {"n": missing.hits},
                f"{form}?{urlencode({'path': missing.path})}",
            )
            for missing in wanted
        ],
        action=PanelRow(_t("View all"), url=reverse("admin:clinic_missing_changelist")),
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
        page_context.forget()
        messages.success(request, _t("The demo clinic has been removed. This site is now yours."))
        return redirect("admin:setup")
    return render(
        request,
        "admin/start_own.html",
        _context(request, _t("Remove the demo and set up my clinic")),
    )


@require_safe
def setup_list(request: HttpRequest) -> HttpResponse:
    """What a new clinic must fill in, done or not."""
    if not _may_set_up(request):
        raise PermissionDenied
    tasks = setup_checklist.tasks()
    context = _context(request, _t("Before you go live")) | {
        "tasks": tasks,
        "missing": [task for task in tasks if task.is_needed and not task.is_done],
        "is_open": hooks.booking.is_open(),
    }
    return render(request, "admin/setup.html", context)
