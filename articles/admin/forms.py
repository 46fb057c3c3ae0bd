"""Forms of the publishing desk."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.forms.widgets import Script
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from markdownx.widgets import MarkdownxWidget

from articles.differences import Part, by_words
from articles.models import Article, Edition
from articles.models.article import Kind
from articles.rendering import Issue
from articles.states import moment
from clinic import addresses

PRIVACY = "privacy"


class EditorWidget(MarkdownxWidget):
    """markdownx's field with our own script: preview beside the text, pictures by drop or paste.

    Without JavaScript it is a textarea, and Preview is a link.
    """

    template_name = "admin/articles/editor.html"

    class Media:
        extend = False
        css = {"all": ["css/editor.css"]}
        js = [Script("js/admin/editor.js", type="module")]


class ArticleForm(forms.ModelForm):
    """The manuscript. A save that is newer than `opened_revision` is not overwritten unasked."""

    opened_revision = forms.IntegerField(widget=forms.HiddenInput, required=False)
    conflict: Sequence[Part] = ()  # of a save over somebody else's newer one

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
            "menu_order",
        ]
        widgets = {
            "body": EditorWidget(attrs={"rows": 28}),
            "title": forms.TextInput(attrs={"size": 60}),
            "summary": forms.Textarea(attrs={"rows": 3}),
            "takeaways": forms.Textarea(attrs={"rows": 5}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["opened_revision"].initial = self.instance.revision

    def _conflict(self) -> list[Part]:
        """Where the words that were typed differ from those that somebody else saved."""
        saved = Article.objects.get(pk=self.instance.pk)
        parts = []
        for name in ("title", "summary", "takeaways", "body"):
            typed = str(self.data.get(self.add_prefix(name), "")).replace("\r\n", "\n")
            pieces = by_words(getattr(saved, name).replace("\r\n", "\n"), typed)
            if any(piece.kind != "same" for piece in pieces):
                parts.append(Part(str(self.fields[name].label or name), pieces))
        return parts

    def clean_body(self) -> str:
        return self.cleaned_data["body"].replace("\r\n", "\n")

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        slug, kind = cleaned.get("slug"), cleaned.get("kind", self.instance.kind)
        if slug and kind:
            if self.instance.pk and self.initial.get("slug") == PRIVACY and slug != PRIVACY:
                self.add_error("slug", _("The booking form leads to this page: keep its address."))
            try:
                addresses.check_free(kind, slug, self.instance.pk)
            except ValidationError as taken:
                self.add_error("slug", taken)
        if self.instance.pk:
            self._check_nobody_saved_meanwhile(cleaned.get("opened_revision"))
        return cleaned

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
                    "Somebody saved this text at %(moment)s, after you opened it. Nothing is lost: "
                    "your words stand in the fields below, and above them where they differ from "
                    "what is saved now. Put the two together here, and save again."
                ),
                code="saved_meanwhile",
                params={"moment": moment(saved.updated_at)},
            )


class PublishForm(forms.Form):
    """When, and what readers are told. `waiting`: the edition that waits for its time, if any."""

    when = forms.ChoiceField(
        label=_("When"),
        choices=[("now", _("Now")), ("later", _("At a time"))],
        widget=forms.RadioSelect,
        initial="now",
    )
    goes_live_at = forms.SplitDateTimeField(
        label=_("Day and time, in the clinic's time zone"),
        widget=forms.SplitDateTimeWidget(
            date_format="%Y-%m-%d",
            time_format="%H:%M",
            date_attrs=cast(Any, {"type": "date", "aria-label": _("Date")}),
            time_attrs=cast(Any, {"type": "time", "aria-label": _("Time")}),
        ),
        required=False,
    )
    change_note = forms.CharField(
        label=_("What changed, for readers"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"size": 70}),
        help_text=_("One sentence. It stands under “Updates to this page”."),
    )
    unreviewed_reason = forms.CharField(
        label=_("Publish without a review, because"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"size": 70}),
        help_text=_("The page then carries no stamp."),
    )
    minor = forms.BooleanField(
        label=_("A minor correction: a typing error, nothing of substance"),
        required=False,
        help_text=_("Keeps the last sign-off, if the difference is as small as that."),
    )
    checks_reason = forms.CharField(
        label=_("What should be mended stays, because"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"size": 70}),
        help_text=_("Kept with the edition; readers do not see it."),
    )
    waiting = forms.ChoiceField(
        label=_("The edition that waits for its time"),
        choices=[("cancel", _("Cancel it")), ("keep", _("Keep it: it replaces this one then"))],
        widget=forms.RadioSelect,
        required=False,
    )

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
        if waiting is None:
            del self.fields["waiting"]
        else:
            self.fields["waiting"].required = True
        if not (asks_for_review and article.kind == Kind.ARTICLE):
            del self.fields["unreviewed_reason"]
        if not may_be_minor:
            del self.fields["minor"]
        if not should:
            del self.fields["checks_reason"]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        live_at: datetime | None = cleaned.get("goes_live_at")
        if cleaned.get("when") == "later":
            if live_at is None and not self.has_error("goes_live_at"):
                self.add_error("goes_live_at", _("Give the day and the time."))
            elif live_at and live_at <= timezone.now():
                self.add_error("goes_live_at", _("This time is past. Give a later one."))
            if cleaned.get("waiting") == "keep":
                self.add_error("waiting", _("Only one edition can wait. Cancel the other one."))
        return cleaned
