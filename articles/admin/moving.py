"""Moving a website in: an export is uploaded, read by the worker, chosen from, and taken in by the
worker. Its report stays until somebody deletes it."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from articles import permissions
from articles.importers import moving
from articles.importers.wordpress.export import Unreadable
from articles.importers.wordpress.importing import bare
from articles.models import Article, SiteImport
from clinic.accounts.staff_accounts import user_of
from clinic.models import Practitioner, User

LARGEST = 12 * 1024 * 1024  # bytes of one request, with its form (clinic.lib.web.gateway)
LINES_SHOWN = 50
IMPORTS_SHOWN = 50
# WordPress's own names of what is taken, and how they are called here.
KINDS = {"post": gettext_lazy("Posts"), "page": gettext_lazy("Pages")}
STATES = {
    "publish": gettext_lazy("Published"),
    "future": gettext_lazy("Scheduled"),
    "draft": gettext_lazy("Drafts"),
    "pending": gettext_lazy("Waiting for review"),
    "private": gettext_lazy("Private"),
}


class UploadForm(forms.Form):
    """The export, and the images of the former site."""

    export = forms.FileField(
        label=gettext_lazy("Export from WordPress"),
        help_text=gettext_lazy(
            "In WordPress, choose Tools → Export → All content. Upload the .xml file, or a .zip "
            "file with it. Up to 12 MB; a zip file makes large exports small."
        ),
    )

    def clean_export(self) -> Any:
        return _small_enough(self.cleaned_data["export"])


class PicturesForm(forms.Form):
    """A zip file of images, one of several."""

    pictures = forms.FileField(label=gettext_lazy("Zip file of images"))

    def clean_pictures(self) -> Any:
        return _small_enough(self.cleaned_data["pictures"])


def _small_enough(file: Any) -> Any:
    if file.size > LARGEST:
        raise forms.ValidationError(_("The file is larger than 12 MB. Split it into smaller ones."))
    return file


def start_view(request: HttpRequest) -> HttpResponse:
    """Choose an export; the worker then reads it. Earlier imports are listed."""
    _require(request)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["export"]
        row = moving.begin(file.read(), file.name, by=user_of(request), at=timezone.now())
        return redirect("admin:articles_article_import", row.pk)
    rows = SiteImport.objects.select_related("by")[:IMPORTS_SHOWN]
    context = _context(request, _("Import a website")) | {"form": form, "imports": rows}
    return render(request, "admin/articles/moving/start.html", context)


def import_view(request: HttpRequest, import_id: int) -> HttpResponse:
    """Show an import as far as it is: reading, choices, progress, report. POST chooses."""
    _require(request)
    row = get_object_or_404(SiteImport, pk=import_id)
    context = _context(request, row.name) | {"row": row}
    if row.state == SiteImport.State.READY:
        return _choose(request, row, context)
    if row.state != SiteImport.State.DONE:
        context["done"], context["total"] = row.lines.count(), row.found.get("texts", 0)
        return render(request, "admin/articles/moving/progress.html", context)
    lines = row.lines.select_related("article")
    is_open = request.GET.get("show") != "all"
    context |= {
        "page": Paginator(lines.filter(is_done=False) if is_open else lines, LINES_SHOWN).get_page(
            request.GET.get("page")
        ),
        "is_open": is_open,
        "open_count": lines.filter(is_done=False).count(),
        "total": lines.count(),
    }
    return render(request, "admin/articles/moving/report.html", context)


def _choose(request: HttpRequest, row: SiteImport, context: dict[str, Any]) -> HttpResponse:
    kinds = [kind for kind in row.found["kinds"] if kind in KINDS]
    states = sorted({state for kind in kinds for state in row.found["kinds"][kind]} & set(STATES))
    authors = list(Practitioner.objects.order_by("name", "pk"))
    owners = list(permissions.writers().order_by("last_name", "first_name", "pk"))
    names = list(row.found["authors"])
    if request.method == "POST":
        chosen = {
            "kinds": [kind for kind in kinds if kind in request.POST.getlist("kinds")],
            "states": [state for state in states if state in request.POST.getlist("states")],
            "people": {
                name: {
                    "author": _one_of(request.POST.get(f"author-{n}", ""), authors),
                    "owner": _one_of(request.POST.get(f"owner-{n}", ""), owners),
                }
                for n, name in enumerate(names)
            },
        }
        if chosen["kinds"] and chosen["states"]:
            moving.choose(row, chosen, by=user_of(request))
            return redirect("admin:articles_article_import", row.pk)
        messages.error(request, _("Choose at least one kind and one status."))
    context |= {
        "kinds": [(kind, KINDS[kind], sum(row.found["kinds"][kind].values())) for kind in kinds],
        "others": [
            (kind, sum(counts.values()))
            for kind, counts in row.found["kinds"].items()
            if kind not in KINDS
        ],
        "states": [
            (state, STATES[state], sum(row.found["kinds"][kind].get(state, 0) for kind in kinds))
            for state in states
        ],
        "people": [
            (n, name, row.found["authors"][name], _like(name, authors), _like(name, owners))
            for n, name in enumerate(names)
        ],
        "authors": authors,
        "owners": owners,
        "files": row.files.filter(is_export=False).only("name"),
        "pictures": PicturesForm(),
    }
    return render(request, "admin/articles/moving/choose.html", context)


@require_POST
def pictures_view(request: HttpRequest, import_id: int) -> HttpResponse:
    """Add a zip file of images to an import that is not at work yet."""
    _require(request)
    row = get_object_or_404(SiteImport, pk=import_id, state=SiteImport.State.READY)
    form = PicturesForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["pictures"]
        try:
            moving.add_pictures(row, file.read(), file.name, by=user_of(request))
        except Unreadable as error:
            form.add_error("pictures", str(error))
    for errors in form.errors.values():
        messages.error(request, " ".join(str(error) for error in errors))
    return redirect("admin:articles_article_import", row.pk)


@require_POST
def done_view(request: HttpRequest, import_id: int, line: int) -> HttpResponse:
    """Tick one line of the report, or open it again."""
    _require(request)
    row = get_object_or_404(SiteImport, pk=import_id)
    row.lines.filter(line=line).update(is_done="done" in request.POST)
    back = redirect("admin:articles_article_import", row.pk)
    back["Location"] += "?show=all" if request.POST.get("show") == "all" else ""
    return back


def delete_view(request: HttpRequest, import_id: int) -> HttpResponse:
    """Ask, then delete an import with its files and report. Drafts stay."""
    _require(request)
    row = get_object_or_404(SiteImport, pk=import_id)
    if request.method == "POST":
        moving.remove(row, by=user_of(request))
        messages.success(request, _("The import and its report were deleted."))
        return redirect("admin:articles_article_import_site")
    context = _context(request, _("Delete the import")) | {"row": row}
    return render(request, "admin/articles/moving/delete.html", context)


def _one_of(given: str, rows: list[Any]) -> int | None:
    return next((row.pk for row in rows if str(row.pk) == given), None)


def _like(name: str, rows: list[Any]) -> int | None:
    """The one person of this name, to begin with."""
    found = [row.pk for row in rows if bare(_name(row)) == bare(name)]
    return found[0] if len(found) == 1 else None


def _name(row: Practitioner | User) -> str:
    return row.name if isinstance(row, Practitioner) else row.get_full_name()


def _require(request: HttpRequest) -> None:
    if not request.user.has_perm("articles.publish_article"):
        raise PermissionDenied


def _context(request: HttpRequest, title: str) -> dict[str, Any]:
    return {**admin.site.each_context(request), "title": title, "opts": Article._meta}
