"""Pages of the reference library beside Django's own: taking a bibliography in, duplicates,
downloads."""

from itertools import islice
from typing import Any, TypeVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from articles.importers import leftovers
from articles.importers.portable.library import as_entry
from articles.manuscript.citations import library_for
from articles.models import Article, Reference, ReferenceUpload
from articles.references import importing
from articles.references.duplicates import duplicates
from articles.references.formats import reading
from articles.references.formats.entry import Broken
from articles.references.formats.writing import WRITERS
from articles.references.merging import merge
from clinic.lib.fields.numbers import whole_number
from clinic.lib.fields.visible_text import VisibleCharField
from clinic.site import page_context

SHOWN = 200  # entries of each kind on a preview; the rest is counted
GROUPS_SHOWN = 50
LONGEST_PASTE = 1_000_000  # characters


Step = TypeVar("Step")


class UploadForm(forms.Form):
    """Pasted text or a file."""

    text = VisibleCharField(
        label=gettext_lazy("Paste references"),
        required=False,
        max_length=LONGEST_PASTE,
        help_text=gettext_lazy(
            "DOIs, PMIDs or references, one per line, or an export from a reference manager or "
            "PubMed. Any other line is saved as pasted for you to complete."
        ),
        widget=forms.Textarea(attrs={"rows": 10, "class": "vLargeTextField"}),
    )
    file = forms.FileField(
        label=gettext_lazy("or choose a file"),
        required=False,
        help_text=gettext_lazy(
            "CSL-JSON, Crossref JSON, BibTeX, RIS, EndNote (.enw), Web of Science (.ciw), PubMed "
            "(NBIB or XML), CITATION.cff, or a .txt file with one reference per line, up to 10 MB."
        ),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        file, text = cleaned.get("file"), cleaned.get("text", "")
        if not self.errors and not file and not text.strip():
            raise forms.ValidationError(_("Paste text or choose a file."))
        if file and text.strip():
            raise forms.ValidationError(_("Paste text or choose a file, not both."))
        if file and file.size > reading.MOST_BYTES:
            raise forms.ValidationError(
                _("The file is larger than 10 MB. Split it into smaller files.")
            )
        return cleaned

    def given(self) -> tuple[bytes, str]:
        """The content and the file's name ("" for a paste)."""
        file = self.cleaned_data["file"]
        if file:
            return file.read(), file.name
        return self.cleaned_data["text"].encode(), ""


def import_view(request: HttpRequest) -> HttpResponse:
    """Paste or choose a file; the preview follows."""
    _require(request, "articles.add_reference")
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        content, name = form.given()
        try:
            for _found in islice(reading.open_bibliography(content, name), 1):
                pass
        except reading.Unreadable as error:
            form.add_error(None, str(error))
        else:
            now = timezone.now()
            user: Any = request.user  # staff: the admin has seen to it
            leftovers.forget(now)
            leftovers.make_room(user)
            upload = ReferenceUpload.objects.create(
                name=name[:200], content=content, by=user, created_at=now
            )
            return redirect("admin:articles_reference_preview", upload.pk)
    context = _context(request, _("Import references"))
    return render(request, "admin/articles/reference/import.html", {**context, "form": form})


def preview_view(request: HttpRequest, upload_id: int) -> HttpResponse:
    """What the bibliography holds and what would become of it; a POST does it."""
    _require(request, "articles.add_reference")
    upload = get_object_or_404(ReferenceUpload, pk=upload_id, by=request.user)
    bibliography = reading.open_bibliography(bytes(upload.content), upload.name)
    if request.method == "POST":
        return _take_in(request, upload, bibliography)
    new: list[importing.Planned] = []
    there: list[importing.Planned] = []
    broken: list[Broken] = []
    counts = {"new": 0, "there": 0, "broken": 0}
    for step in importing.plan(bibliography, lambda line: importing.Twin.FILL):
        if isinstance(step, Broken):
            counts["broken"] += step.entries
            _show(step, broken)
        else:
            counts["there" if step.twin else "new"] += 1
            _show(step, there if step.twin else new)
    context = _context(request, _("Import preview"))
    context |= {
        "upload": upload,
        "bibliography": bibliography,
        "new": new,
        "there": there,
        "broken": broken,
        "counts": counts,
        "shown": SHOWN,
        "choices": CHOICES,
    }
    return render(request, "admin/articles/reference/preview.html", context)


def _show(step: Step, among: list[Step]) -> None:
    if len(among) < SHOWN:
        among.append(step)


CHOICES = (
    (importing.Twin.FILL, gettext_lazy("fill in missing details")),
    (importing.Twin.LEAVE, gettext_lazy("keep ours unchanged")),
    (importing.Twin.ADD, gettext_lazy("add as a separate reference")),
)


def _take_in(
    request: HttpRequest, upload: ReferenceUpload, bibliography: reading.Bibliography
) -> HttpResponse:
    known = {choice.value for choice, _label in CHOICES}
    overall = request.POST.get("all", "")
    overall = overall if overall in known else importing.Twin.FILL.value

    def decide(line: int) -> importing.Twin:
        chosen = request.POST.get(f"line-{line}", "")
        return importing.Twin(chosen if chosen in known else overall)

    try:
        report = importing.take_in(bibliography, decide, at=timezone.now())
    except IntegrityError:
        messages.error(
            request,
            _("The library has changed since this preview. Check the list again, then import."),
        )
        return redirect("admin:articles_reference_preview", upload.pk)
    page_context.forget()
    upload.delete()
    done = _("%(added)s added, %(filled)s updated, %(already)s already in the library.") % {
        "added": len(report.added),
        "filled": len(report.filled),
        "already": len(report.already),
    }
    messages.success(request, done)
    context = _context(request, _("Import report"))
    context |= {"report": report, "shown": SHOWN, "done": done}
    return render(request, "admin/articles/reference/report.html", context)


def duplicates_view(request: HttpRequest) -> HttpResponse:
    """Groups of references that seem to be one source; a POST makes one of a group."""
    _require(request, "articles.view_reference")
    if request.method == "POST":
        _require(request, "articles.delete_reference")
        return _merge(request)
    groups = duplicates()
    for group in groups[:GROUPS_SHOWN]:
        whole = Reference.objects.in_bulk([row.pk for row in group.references])
        group.references = [whole[row.pk] for row in group.references]
    context = _context(request, _("Duplicate references"))
    context |= {
        "groups": groups[:GROUPS_SHOWN],
        "count": len(groups),
        "can_merge": request.user.has_perm("articles.delete_reference"),
    }
    return render(request, "admin/articles/reference/duplicates.html", context)


def _merge(request: HttpRequest) -> HttpResponse:
    given = [whole_number(value) for value in request.POST.getlist("of")]
    ids = [pk for pk in given if pk is not None]
    rows = Reference.objects.in_bulk(ids)
    keep = rows.pop(whole_number(request.POST.get("keep", "")), None)
    back = redirect("admin:articles_reference_duplicates")
    if keep is None or not rows:
        messages.error(request, _("Choose the reference to keep and at least one other."))
        return back
    try:
        merge(keep, rows.values())
    except ValueError:
        messages.error(request, _("These references have already been merged."))
        return back
    page_context.forget()
    messages.success(
        request,
        ngettext(
            "Merged into %(key)s. Articles can still cite the other key.",
            "Merged into %(key)s. Articles can still cite the other keys.",
            len(rows),
        )
        % {"key": keep.key},
    )
    return back


@require_safe
def download_view(request: HttpRequest, ending: str) -> HttpResponse:
    """The whole library, one reference (`?key=`) or the sources of a manuscript (`?article=`)."""
    _require(request, "articles.view_reference")
    if ending not in WRITERS:
        raise Http404
    references, name = Reference.objects.kept(), "references"
    if key := request.GET.get("key"):
        references, name = Reference.objects.filter(key=key), key
        if not references.exists():
            raise Http404
    elif chosen := request.GET.get("article"):
        article = get_object_or_404(Article, pk=whole_number(chosen) or 0)
        references, name = references.filter(pk__in=_cited_in(article)), article.slug
    media_type, write = WRITERS[ending]
    text = write(map(as_entry, references.order_by("key").iterator()))
    answer = HttpResponse(text, content_type=f"{media_type}; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return answer


def _cited_in(article: Article) -> list[int]:
    """The sources that a manuscript names."""
    answers = article.questions.values_list("answer", flat=True)
    texts = [article.body, article.takeaways, *answers]
    return [source.id for source in library_for(texts).values()]


def _require(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied


def _context(request: HttpRequest, title: str) -> dict[str, Any]:
    return {**admin.site.each_context(request), "title": title, "opts": Reference._meta}
