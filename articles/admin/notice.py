"""What became of our sources: the tasks that the reference watch opens."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from articles.models import ReferenceNotice
from articles.models.notice import NoticeKind, NoticeState
from articles.references import notices, styles
from articles.references.styles import ama
from articles.references.watch import recording
from articles.references.watch.finding import STAFF
from clinic.accounts.staff_accounts import user_of
from clinic.admin.base import PublicAdmin


class NoticeForm(forms.ModelForm):
    class Meta:
        model = ReferenceNotice
        fields = ["state", "decision", "kept_because"]
        widgets = {"state": forms.RadioSelect}

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        if cleaned.get("state") == NoticeState.DISMISSED and not cleaned.get("decision"):
            self.add_error("decision", _("Give a reason for dismissing it."))
        keeps = cleaned.get("state") == NoticeState.SEEN and self.instance.kind in notices.GRAVE
        # Without an article that cites it there is nobody to give a reason to.
        if (
            keeps
            and not cleaned.get("kept_because")
            and recording.affected(self.instance.reference, timezone.now())
        ):
            self.add_error(
                "kept_because",
                _(
                    "A published article still cites this source. Tell readers why, or publish "
                    "the article without it first."
                ),
            )
        return cleaned


class SupersededForm(forms.ModelForm):
    """A newer version that staff know of."""

    class Meta:
        model = ReferenceNotice
        fields = ["reference", "noticed_on"]
        labels = {"noticed_on": _("Published on")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["url"].required = True
        self.fields["noticed_on"].required = False


@admin.register(ReferenceNotice)
class NoticeAdmin(PublicAdmin):
    form = NoticeForm
    list_display = ["reference", "kind", "noticed_on", "state", "found_at"]
    list_filter = ["state", "kind"]
    list_select_related = ["reference"]
    autocomplete_fields = ["reference"]
    search_fields = ["reference__key", "reference__title", "reference__doi", "doi"]
    ordering = ["-found_at", "-id"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "source_entry", "kind", "noticed_on", "notice", "reasons", "source",
                    "found_at", "cited_in",
                ]
            },
        ),
        (_("Our response"), {"fields": ["state", "decision", "kept_because", "decided"]}),
    ]  # fmt: skip
    readonly_fields = [
        "source_entry", "kind", "noticed_on", "notice", "reasons", "source", "found_at",
        "cited_in", "decided",
    ]  # fmt: skip

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Ask what superseded the source where staff add a notice; the watch opens the others."""
        if obj is None:
            kwargs["form"] = SupersededForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is not None:
            return super().get_fieldsets(request, obj)
        words = _(
            "For a guideline or another source that has a newer version. Readers see a note beside "
            "the source, and the owners of the articles that cite it get an email."
        )
        return [(None, {"fields": ["reference", "url", "noticed_on"], "description": words})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.readonly_fields if obj is not None else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.kind, obj.source, obj.found_at = NoticeKind.SUPERSEDED, STAFF, timezone.now()
            super().save_model(request, obj, form, change)
            recording.tell(obj.reference, [obj], at=obj.found_at)
            return
        if form.changed_data:
            obj.decided_by, obj.decided_at = user_of(request), timezone.now()
        super().save_model(request, obj, form, change)

    @admin.display(description=_("source"))
    def source_entry(self, notice: ReferenceNotice) -> SafeString:
        address = reverse("admin:articles_reference_change", args=[notice.reference_id])
        entry = styles.printed(notice.reference.csl)
        return format_html('{} <a href="{}">{}</a>', entry, address, notice.reference.key)

    @admin.display(description=_("notice"))
    def notice(self, notice: ReferenceNotice) -> SafeString | str:
        if url := ama.doi_url({"DOI": notice.doi}):
            return format_html('<a href="{}">doi {}</a>', url, notice.doi)
        return format_html('<a href="{0}">{0}</a>', notice.url) if notice.url else "–"

    @admin.display(description=_("articles that cite it"))
    def cited_in(self, notice: ReferenceNotice) -> SafeString | str:
        articles = recording.affected(notice.reference, timezone.now())
        if not articles:
            return str(_("No published article cites it."))
        links = (
            (reverse("admin:articles_article_change", args=[article.pk]), article.title)
            for article in articles
        )
        rows = format_html_join("", '<li><a href="{}">{}</a></li>', links)
        return format_html("<ul>{}</ul>", rows)

    @admin.display(description=_("decided"))
    def decided(self, notice: ReferenceNotice) -> str:
        if notice.decided_at is None:
            return "–"
        day = date_format(timezone.localtime(notice.decided_at), "DATETIME_FORMAT")
        return f"{day}, {notice.decided_by or '–'}"
