"""The reference library."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from articles.admin import bibliography
from articles.admin.source import adding as adding_sources
from articles.admin.source import fields as source_fields
from articles.admin.source.form import ReferenceForm
from articles.models import Article, Citation, Edition, Reference, ReferenceNotice
from articles.references import study_card
from articles.references.formats.writing import WRITERS
from articles.references.importing import is_stub
from clinic.admin.base import PublicAdmin


class MissingFilter(admin.SimpleListFilter):
    title = _("missing details")
    parameter_name = "missing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("doi", _("No DOI")),
            ("pmid", _("No PMID")),
            ("both", _("No DOI or PMID")),
            ("details", _("Details pending")),
            ("use", _("Not cited")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Reference]) -> QuerySet[Reference]:
        match self.value():
            case "doi":
                return queryset.filter(doi="")
            case "pmid":
                return queryset.filter(pmid="")
            case "both":
                return queryset.filter(doi="", pmid="")
            case "details":
                return queryset.filter(Q(lookup_due_at__isnull=False) | Q(csl__type="document"))
            case "use":
                return queryset.filter(citations=None, merged__citations=None)
        return queryset


@admin.register(Reference)
class ReferenceAdmin(PublicAdmin):
    form = ReferenceForm
    list_display = ["key", "title", "authors", "year", "kind", "uses"]
    list_filter = [MissingFilter, "kind", "year"]
    search_fields = ["key", "title", "authors", "year", "doi", "pmid", "merged__key"]
    search_help_text = _("Author, title, year, DOI or PMID")
    ordering = ["key"]
    change_list_template = "admin/articles/reference/change_list.html"
    fieldsets = [
        (
            None,
            {
                "fields": [
                    *source_fields.ORDER, "add_anyway", "kind", "plain", "key", "other_keys",
                    "state", "standing", "used_in", "downloads",
                ]
            },
        ),
        (
            _("Study card"),
            {
                "fields": [f"study_{part}" for part in study_card.PARTS],
                "description": _(
                    "For readers, in plain language. Empty fields are not shown. Articles show "
                    "the card from their next edition."
                ),
            },
        ),
        (
            _("For experts"),
            {
                "classes": ["collapse"],
                "fields": ["csl"],
                "description": _(
                    "All details as CSL-JSON, including those that have no field above."
                ),
            },
        ),
    ]  # fmt: skip
    change_form_template = "admin/articles/reference/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Reference]:
        """Without those that were merged into another; with the number of articles."""
        kept = super().get_queryset(request).filter(merged_into=None)
        return kept.annotate(articles=_count("reference") + _count("reference__merged_into"))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path(
                "printed/",
                view(adding_sources.printed_view),
                name="articles_reference_printed",
            ),
            path("import/", view(bibliography.import_view), name="articles_reference_import"),
            path(
                "import/<int:upload_id>/",
                view(bibliography.preview_view),
                name="articles_reference_preview",
            ),
            path(
                "duplicates/",
                view(bibliography.duplicates_view),
                name="articles_reference_duplicates",
            ),
            path(
                "references.<str:ending>",
                view(bibliography.download_view),
                name="articles_reference_download",
            ),
            *super().get_urls(),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the form, filled in from what was pasted if that was asked for; or save."""
        context = dict(extra_context or {})
        if request.method == "POST" and "fill" in request.POST:
            request, found = adding_sources.filled(request)
            context |= {"found": found, "pasted": request.POST.get("paste", "")}
        return super().add_view(request, form_url, context)

    def get_form(self, request: HttpRequest, obj: Any = None, *args: Any, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, *args, **kwargs)
        form.found = getattr(request, "found", None)
        return form

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Texts cite it by its key: it stays as it is."""
        made = ["other_keys", "state", "standing", "used_in", "downloads"]
        return [*made, *(["key"] if obj else [])]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave out what a new source does not have yet."""
        if obj is not None:
            return self.fieldsets
        (name, options), *rest = self.fieldsets
        later = self.get_readonly_fields(request)
        fields = [field for field in options["fields"] if field not in later]
        return [(name, {**options, "fields": fields}), *rest]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None and (obj.citations.exists() or obj.merged.exists()):
            return False
        return super().has_delete_permission(request, obj)

    @admin.display(description=_("articles"), ordering="articles")
    def uses(self, reference: Any) -> str:
        count = int(reference.articles)
        return ngettext("%(count)d article", "%(count)d articles", count) % {"count": count}

    @admin.display(description=_("other keys"))
    def other_keys(self, reference: Reference) -> str:
        keys = reference.merged.order_by("key").values_list("key", flat=True)
        return ", ".join(keys) if reference.pk and keys else "–"

    @admin.display(description=_("status"))
    def state(self, reference: Reference) -> str:
        if not reference.pk or not is_stub(reference.csl):
            return "–"
        if reference.lookup_due_at:
            return str(_("Saved as pasted. Its details will be looked up soon."))
        return str(_("Saved as pasted. Complete its details, or import it again with them."))

    @admin.display(description=_("notices"))
    def standing(self, reference: Reference) -> SafeString | str:
        """What became of the source, the newest first."""
        notices = ReferenceNotice.objects.filter(_either(reference, "")) if reference.pk else ()
        rows = [
            (
                reverse("admin:articles_referencenotice_change", args=[notice.pk]),
                notice.get_kind_display(),
                notice.noticed_on or "",
                notice.get_state_display(),
            )
            for notice in notices
        ]
        if not rows:
            return "–"
        items = format_html_join("", '<li><a href="{}">{}</a> {} · {}</li>', rows)
        return format_html("<ul>{}</ul>", items)

    @admin.display(description=_("used in"))
    def used_in(self, reference: Reference) -> SafeString | str:
        """The texts that cite it in any edition, those that readers see first."""
        if not reference.pk:
            return "–"
        editions = Edition.objects.filter(_either(reference, "citations__"))
        live = set(editions.live(timezone.now()).values_list("article", flat=True))
        articles = Article.objects.filter(pk__in=editions.values("article")).only("title")
        texts = sorted(articles, key=lambda article: (article.pk not in live, article.title))
        if not texts:
            return str(_("Not cited by any edition."))
        rows = (
            (
                reverse("admin:articles_article_change", args=[article.pk]),
                article.title,
                _("live") if article.pk in live else _("only in editions that are not live"),
            )
            for article in texts
        )
        items = format_html_join("", '<li><a href="{}">{}</a> · {}</li>', rows)
        return format_html("<ul>{}</ul>", items)

    @admin.display(description=_("download"))
    def downloads(self, reference: Reference) -> SafeString | str:
        if not reference.pk:
            return "–"
        query = urlencode({"key": reference.key})
        links = (
            (f"{reverse('admin:articles_reference_download', args=[ending])}?{query}", ending)
            for ending in WRITERS
        )
        return format_html_join(" · ", '<a href="{}">.{}</a>', links)


def _count(of: str) -> Coalesce:
    """The number of articles that cite a row's source by its own key, or by the keys that were
    merged into it (those that cite it by its own too are not counted again)."""
    cites = Citation.objects.filter(**{of: OuterRef("pk")})
    if of != "reference":
        own = Citation.objects.filter(reference=OuterRef(of))
        cites = cites.exclude(Exists(own.filter(edition__article=OuterRef("edition__article"))))
    number = cites.values(of).annotate(n=Count("edition__article", distinct=True)).values("n")
    return Coalesce(Subquery(number), 0)


def _either(reference: Reference, through: str) -> Q:
    """What belongs to a reference or to one that was merged into it."""
    return Q(**{f"{through}reference": reference}) | Q(
        **{f"{through}reference__merged_into": reference}
    )
