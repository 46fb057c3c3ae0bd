"""The reference library."""

import json
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from articles import study, styles
from articles.admin import bibliography
from articles.bibliography.importing import is_stub
from articles.bibliography.writing import WRITERS
from articles.library import columns_of
from articles.models import Article, Citation, Edition, Reference, ReferenceNotice
from articles.models.article import Certainty
from clinic.admin.base import PublicAdmin


class Indented(json.JSONEncoder):
    """A field a line, to be read by people."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "indent": 2})


class ReferenceForm(forms.ModelForm):
    """CSL-JSON in a text field, what is searched is read from it; the study card, which is part of
    it, in fields of its own."""

    study_people = forms.CharField(label=_("Who was studied"), max_length=300, required=False)
    study_size = forms.CharField(
        label=_("How many"),
        max_length=120,
        required=False,
        help_text=_("“224 people”, “36 reviews with 10,400 people”"),
    )
    study_comparison = forms.CharField(label=_("Compared with"), max_length=300, required=False)
    study_result = forms.CharField(
        label=_("What came out"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("In people: “Of 100 who trained, 62 were better; of 100 who did not, 45.”"),
    )
    study_certainty = forms.ChoiceField(
        label=_("How certain that is"), choices=[("", "–"), *Certainty.choices], required=False
    )
    study_funding = forms.CharField(label=_("Who paid for it"), max_length=300, required=False)

    class Meta:
        model = Reference
        fields = ["key", "csl", "kind", "plain"]
        widgets = {
            "csl": forms.Textarea(attrs={"rows": 18, "class": "vLargeTextField code"}),
            "plain": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            card = study.card_of(self.instance.csl) or study.StudyCard()
            if "csl" in self.fields:  # who may only look has none
                self.fields["csl"].encoder = Indented  # type: ignore[attr-defined]
            self.initial["csl"] = study.with_card(self.instance.csl, {})
            for part in study.PARTS:
                self.initial[f"study_{part}"] = getattr(card, part)

    def clean_csl(self) -> dict[str, Any]:
        csl = self.cleaned_data["csl"]
        if isinstance(csl, str):
            csl = json.loads(csl)
        if not isinstance(csl, dict) or not str(csl.get("title") or "").strip():
            raise ValidationError(_("It must be one CSL-JSON object with a title."))
        return csl

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        csl = cleaned.get("csl")
        if isinstance(csl, dict):
            card = {part: cleaned.get(f"study_{part}", "") for part in study.PARTS}
            csl = cleaned["csl"] = study.with_card(csl, card)
            for name, value in columns_of(csl).items():
                setattr(self.instance, name, value)
            if not is_stub(csl):
                self.instance.lookup_due_at = None
            if not self.instance.kept_apart:
                self._refuse_twins()
        return cleaned

    def _refuse_twins(self) -> None:
        """`doi` and `pmid` are no form fields: look here whether another one has them."""
        others = Reference.objects.kept().exclude(pk=self.instance.pk)
        for name in ("doi", "pmid"):
            value = getattr(self.instance, name)
            twin = others.filter(**{name: value}).first() if value else None
            if twin:
                self.add_error(
                    "csl",
                    _("%(value)s is in the library already, as %(key)s.")
                    % {"value": value, "key": twin.key},
                )


class MissingFilter(admin.SimpleListFilter):
    title = _("what is missing")
    parameter_name = "missing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("doi", _("No DOI")),
            ("pmid", _("No PMID")),
            ("both", _("Neither DOI nor PMID")),
            ("details", _("Waits for its details")),
            ("use", _("Cited by no edition")),
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
                    "key", "other_keys", "as_printed", "state", "standing", "used_in",
                    "downloads", "kind", "plain", "csl",
                ]
            },
        ),
        (
            _("Study card"),
            {
                "fields": [f"study_{part}" for part in study.PARTS],
                "description": _(
                    "For readers, in plain words. What is left empty is not shown; texts show "
                    "the card from their next edition on."
                ),
            },
        ),
    ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Reference]:
        """Without those that were merged into another; with the number of articles."""
        kept = super().get_queryset(request).filter(merged_into=None)
        return kept.annotate(articles=_count("reference") + _count("reference__merged_into"))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
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

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Texts cite it by its key: it stays as it is."""
        made = ["other_keys", "as_printed", "state", "standing", "used_in", "downloads"]
        return [*made, *(["key"] if obj else [])]

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

    @admin.display(description=_("as it will print"))
    def as_printed(self, reference: Reference) -> SafeString | str:
        return styles.printed(reference.csl) if reference.pk else "–"

    @admin.display(description=_("state"))
    def state(self, reference: Reference) -> str:
        if not reference.pk or not is_stub(reference.csl):
            return "–"
        if reference.lookup_due_at:
            return str(_("Kept as it was pasted; its details are looked up as soon as may be."))
        return str(_("Kept as it was pasted. Fill in its fields, or import it again with them."))

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
            return str(_("No edition cites it."))
        rows = (
            (
                reverse("admin:articles_article_change", args=[article.pk]),
                article.title,
                _("public") if article.pk in live else _("only in what is not public now"),
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
