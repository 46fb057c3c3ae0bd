"""Forms of the publishing desk."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.forms.widgets import Script
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from markdownx.widgets import MarkdownxWidget

from articles.admin import menu
from articles.editor.status_text import moment
from articles.manuscript import slugs
from articles.manuscript.rendering import Issue
from articles.models import Article, Edition
from articles.models.choices import Kind
from clinic import hooks
from clinic.admin.writing import context_of
from clinic.lib.comparing import Part, by_words
from clinic.lib.fields.bounded_text import LinesField
from clinic.lib.fields.days import is_plausible
from clinic.lib.fields.visible_text import VisibleCharField

PRIVACY = "privacy"


class EditorWidget(MarkdownxWidget):
    """markdownx's field with our own scripts: a visual editor, or the text with its preview beside
    it. Pictures by drop or paste.

    Without JavaScript it is a textarea, and Preview is a link.
    """

    template_name = "admin/articles/editor.html"

    class Media:
        extend = False
        css = {"all": ["css/editor.css", "css/visual.css"]}
        js = [Script("js/admin/editor.js", type="module")]

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Return the context of the template, with what the scripts say."""
        context: dict[str, Any] = super().get_context(name, value, attrs)
        context["widget"] |= context_of(hooks.writing_lists)
        return context


class ArticleForm(forms.ModelForm):
    """The manuscript. A save that is newer than `opened_revision` is not overwritten unasked."""

    opened_revision = forms.IntegerField(widget=forms.HiddenInput, required=False)
    in_menu = forms.BooleanField(
        label=_("shown in the menu"),
        required=False,
        help_text=_("Pages only. A new entry is put at the end of the menu."),
    )
    conflict: Sequence[Part] = ()  # of a save over another person's newer one

    class Meta:
        model = Article
        fields = [
            "kind",
            "title",
            "slug",
            "summary",
            "takeaways",
            "body",
            "author",
            "reviewer",
            "topics",
            "services",
            "hero",
            "certainty",
            "related",
            "owner",
            "seo_title",
            "seo_description",
            "menu_below",
        ]
        field_classes = {"body": LinesField}
        widgets = {
            "body": EditorWidget(attrs={"rows": 28}),
            "title": forms.TextInput(attrs={"size": 60}),
            "summary": forms.Textarea(attrs={"rows": 2}),
            "takeaways": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["opened_revision"].initial = self.instance.revision
        self.fields["in_menu"].initial = self.instance.menu_order is not None

    def _conflict(self) -> list[Part]:
        """Return where the typed text differs from the text that another person saved."""
        saved = Article.objects.get(pk=self.instance.pk)
        parts = []
        for name in ("title", "summary", "takeaways", "body"):
            typed = str(self.data.get(self.add_prefix(name), "")).replace("\r\n", "\n")
            pieces = by_words(getattr(saved, name).replace("\r\n", "\n"), typed)
            if any(piece.kind != "same" for piece in pieces):
                parts.append(Part(str(self.fields[name].label or name), pieces))
        return parts

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        slug, kind = cleaned.get("slug"), cleaned.get("kind", self.instance.kind)
        if slug and kind:
            if self.instance.pk and self.initial.get("slug") == PRIVACY and slug != PRIVACY:
                self.add_error(
                    "slug", _("The booking form links to this page, so its slug can’t change.")
                )
            self._check_slug_is_free(kind, slug)
        if not cleaned.get("in_menu"):
            self.instance.menu_order, self.instance.menu_below = None, False
        elif kind != Kind.PAGE:
            self.add_error("in_menu", _("Only pages can be in the menu."))
        elif self.instance.menu_order is None:
            self.instance.menu_order = menu.last_order(timezone.now())
        if self.instance.pk:
            self._check_nobody_saved_meanwhile(cleaned.get("opened_revision"))
        return cleaned

    def _check_slug_is_free(self, kind: str, slug: str) -> None:
        """Say which article or page has the slug, and which slug is free."""
        if not slugs.is_taken(kind, slug, self.instance.pk):
            return
        free = slugs.free(kind, slug)
        if other := slugs.holder(kind, slug, self.instance.pk):
            url = reverse("admin:articles_article_change", args=[other.pk])
            words = format_html(
                _t("“{slug}” is or was the slug of {link}. This one is free: {free}"),
                slug=slug,
                link=format_html('<a href="{}">{}</a>', url, other.title),
                free=free,
            )
        else:
            words = format_html(
                _t("“{slug}” is an old address of something else. This one is free: {free}"),
                slug=slug,
                free=free,
            )
        self.add_error("slug", words)

    def _check_nobody_saved_meanwhile(self, opened: int | None) -> None:
        saved = Article.objects.only("revision", "updated_at").get(pk=self.instance.pk)
        if opened is not None and saved.revision != opened:
            # Shown again with the new revision: the next save is a knowing one.
            self.conflict = self._conflict()
            shown = cast(QueryDict, self.data).copy()
            shown[self.add_prefix("opened_revision")] = str(saved.revision)
            self.data = shown
            raise ValidationError(
                _(
                    "Someone saved this article at %(moment)s, after you opened it. Nothing is "
                    "lost: your changes are in the fields below, and the differences from the "
                    "saved version are shown above. Combine them here and save again."
                ),
                code="saved_meanwhile",
                params={"moment": moment(saved.updated_at)},
            )


class LiveAtField(forms.SplitDateTimeField):
    """When an edition goes live."""

    widget = forms.SplitDateTimeWidget(
        date_format="%Y-%m-%d",
        time_format="%H:%M",
        date_attrs=cast(Any, {"type": "date", "aria-label": _("Date")}),
        time_attrs=cast(Any, {"type": "time", "aria-label": _("Time")}),
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("Date and time, in the clinic’s time zone"),
            validators=[is_plausible],
            **kwargs,
        )

    def clean(self, value: Any) -> datetime | None:
        """Return the moment, or None for an empty field. Raises ValidationError for a past one."""
        moment_at: datetime | None = super().clean(value)
        if moment_at and moment_at <= timezone.now():
            raise ValidationError(_("This time has passed. Enter a later one."))
        return moment_at


def waiting_field(keep: object) -> forms.ChoiceField:
    """Ask what becomes of the scheduled edition; `keep` says what keeping it means."""
    return forms.ChoiceField(
        label=_("Scheduled edition"),
        choices=[("cancel", _("Cancel it")), ("keep", keep)],
        widget=forms.RadioSelect,
    )


class PublishForm(forms.Form):
    """When to publish, and the note for readers. `waiting`: the scheduled edition, if any."""

    when = forms.ChoiceField(
        label=_("When"),
        choices=[("now", _("Now")), ("later", _("Schedule"))],
        widget=forms.RadioSelect,
        initial="now",
    )
    goes_live_at = LiveAtField(required=False)
    change_note = VisibleCharField(
        label=_("Change note for readers"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"size": 70}),
        help_text=_("One sentence, shown under “Updates to this page”."),
    )
    unreviewed_reason = VisibleCharField(
        label=_("Reason for publishing without a review"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"size": 70}),
        help_text=_("The page will show no review stamp."),
    )
    minor = forms.BooleanField(
        label=_("Minor correction: a typo, with no change in meaning"),
        required=False,
        help_text=_("Keeps the last approval if the change is small enough."),
    )
    checks_reason = VisibleCharField(
        label=_("Reason for publishing with warnings"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"size": 70}),
        help_text=_("Saved with the edition; readers do not see it."),
    )
    waiting = waiting_field(_("Keep it: it will replace this edition when it goes live"))

    def __init__(
        self,
        *args: Any,
        article: Article,
        waiting: Edition | None,
        asks_for_review: bool,
        may_be_minor: bool,
        should: Sequence[Issue],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if not article.editions.exists():
            del self.fields["change_note"]
        elif waiting is not None:
            self.fields["change_note"].initial = waiting.change_note
        if waiting is None:
            del self.fields["waiting"]
        if not (asks_for_review and article.kind == Kind.ARTICLE):
            del self.fields["unreviewed_reason"]
        if not may_be_minor:
            del self.fields["minor"]
        if not should:
            del self.fields["checks_reason"]

    class Media:
        js = [Script("js/admin/publish.js", type="module")]

    def clean(self) -> dict[str, Any] | None:
        """A date that was entered is meant, whatever is chosen above it."""
        cleaned = super().clean() or {}
        live_at: datetime | None = cleaned.get("goes_live_at")
        if live_at:
            cleaned["when"] = "later"
        if cleaned.get("when") == "later":
            if live_at is None and not self.has_error("goes_live_at"):
                self.add_error("goes_live_at", _("Enter a date and time."))
            if cleaned.get("waiting") == "keep":
                self.add_error(
                    "waiting", _("Only one edition can be scheduled. Cancel the other one first.")
                )
        return cleaned


class RescheduleForm(forms.Form):
    """The new time of the edition that waits."""

    goes_live_at = LiveAtField()


class RepublishForm(forms.Form):
    """What becomes of the edition that waits, if there is one."""

    waiting = waiting_field(_("Keep it: it will replace this edition when it goes live"))

    def __init__(self, *args: Any, waiting: Edition | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if waiting is None:
            del self.fields["waiting"]


class WithdrawForm(RepublishForm):
    """The same, and what readers are told in place of the text."""

    field_order = ("note", "waiting")
    note = VisibleCharField(
        label=_("Message to readers"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "For example, why it was withdrawn, or where to read instead. If you leave it empty, "
            "the page says only that it was withdrawn."
        ),
    )
    waiting = waiting_field(_("Keep it: the page will be public again when it goes live"))
