"""What became of our sources: the tasks that the reference watch opens."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from articles import ama, styles
from articles.models import ReferenceNotice
from articles.models.notice import NoticeState
from articles.watch import recording
from clinic.accounts import user_of
from clinic.admin.base import PublicAdmin


class NoticeForm(forms.ModelForm):
    class Meta:
        model = ReferenceNotice
        fields = ["state", "decision"]
        widgets = {"state": forms.RadioSelect}

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        if cleaned.get("state") == NoticeState.DISMISSED and not cleaned.get("decision"):
            self.add_error("decision", _("Say why it is dismissed."))
        return cleaned


@admin.register(ReferenceNotice)
class NoticeAdmin(PublicAdmin):
    form = NoticeForm
    list_display = ["reference", "kind", "noticed_on", "state", "found_at"]
    list_filter = ["state", "kind"]
    list_select_related = ["reference"]
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
        (_("What we do about it"), {"fields": ["state", "decision", "decided"]}),
    ]  # fmt: skip
    readonly_fields = [
        "source_entry", "kind", "noticed_on", "notice", "reasons", "source", "found_at",
        "cited_in", "decided",
    ]  # fmt: skip

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The watch opens them."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if form.changed_data:
            obj.decided_by, obj.decided_at = user_of(request), timezone.now()
        super().save_model(request, obj, form, change)

    @admin.display(description=_("the source"))
    def source_entry(self, notice: ReferenceNotice) -> SafeString:
        address = reverse("admin:articles_reference_change", args=[notice.reference_id])
        entry = styles.printed(notice.reference.csl)
        return format_html('{} <a href="{}">{}</a>', entry, address, notice.reference.key)

    @admin.display(description=_("the notice"))
    def notice(self, notice: ReferenceNotice) -> SafeString | str:
        url = ama.doi_url({"DOI": notice.doi})
        return format_html('<a href="{}">doi {}</a>', url, notice.doi) if url else "–"

    @admin.display(description=_("texts that cite it"))
    def cited_in(self, notice: ReferenceNotice) -> SafeString | str:
        articles = recording.affected(notice.reference, timezone.now())
        if not articles:
            return str(_("No public text cites it."))
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
        day = timezone.localtime(notice.decided_at).strftime("%Y-%m-%d %H:%M")
        return f"{day}, {notice.decided_by or '–'}"
