"""Manuscripts: written, checked, published."""

from typing import Any
from urllib.parse import parse_qs

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db import transaction
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from articles import contributions, permissions
from articles.admin import actions, menu, mistakes, moving, reviews, working
from articles.admin.choices import ListedSelect, ListedSelectMultiple, QuestionFormSet
from articles.admin.forms import ArticleForm
from articles.editor import status_text
from articles.editor.previews import SHARED_FOR_DAYS, share_token
from articles.manuscript.rendering import Text, compose
from articles.models import Article, Edition, Question
from articles.models.choices import Kind
from articles.publishing import issues_of
from articles.review import invitations, reminders
from articles.review.reviews import signed
from clinic.accounts.staff_accounts import user_of
from clinic.admin import ordering
from clinic.admin.base import HelpLinks
from clinic.admin.lists import BoundedList
from clinic.admin.stale import NamesState
from clinic.admin.writing import CitingWidget
from clinic.lib.fields.bounded_text import BoundedTextField
from clinic.lib.fields.numbers import whole_number
from clinic.site import content_version


class QuestionInline(admin.StackedInline):
    class Media:
        js = [ordering.SCRIPT]

    model = Question
    formset = QuestionFormSet
    template = "admin/articles/article/questions.html"
    extra = 0
    classes = ["collapse"]
    formfield_overrides = {BoundedTextField: {"widget": CitingWidget}}
    verbose_name = _("question")
    verbose_name_plural = _("frequently asked questions")


KEPT_FILTERS = "_changelist_filters"  # Django's name for the filters of the list one came from


def _kind_asked(request: HttpRequest) -> Kind:
    """The kind that a list is narrowed to, and of what is added from it."""
    kept = parse_qs(request.GET.get(KEPT_FILTERS, "")).get("kind__exact", [])
    asked = [request.GET.get("kind"), request.GET.get("kind__exact"), *kept]
    return Kind.PAGE if Kind.PAGE in asked else Kind.ARTICLE


def _names(kind: str) -> dict[str, str]:
    """What the list of this kind is called, and what adding to it is."""
    if kind == Kind.PAGE:
        return {"list_name": _t("Pages"), "add_name": _t("Add page")}
    return {"list_name": _t("Articles"), "add_name": _t("Add article")}


# What acts on the text as it is saved, by the name of its page.
SAVES_FIRST = ("publish", "submit", "review", "invite", "duplicate")


def _touched(form: Any) -> set[str]:
    """The fields of the manuscript that were changed."""
    return set(form.changed_data) - {"opened_revision"}


class StateFilter(admin.SimpleListFilter):
    title = _("status")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("draft", _("Draft")),
            ("published", _("Published")),
            ("changes", _("With unpublished changes")),
            ("scheduled", _("Scheduled")),
            ("review", _("Waiting for review")),
            ("due", _("Review due within 30 days")),
            ("withdrawn", _("Withdrawn")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        live = Edition.objects.live(timezone.now())
        published = queryset.filter(pk__in=live.values("article"))
        match self.value():
            case "draft":
                return queryset.filter(edition_number=None, waiting_at=None)
            case "published":
                return published
            case "changes":
                return published.exclude(edition_revision=F("revision"))
            case "scheduled":
                return queryset.filter(waiting_at__isnull=False)
            case "review":
                return queryset.filter(submitted_at__isnull=False)
            case "due":
                return queryset.filter(
                    pk__in=reminders.editions_due(timezone.now()).values("article")
                )
            case "withdrawn":
                return queryset.filter(edition_withdrawn_at__isnull=False)
        return queryset


class StateList(ChangeList):
    """Counts what is not yet published of the articles on the page that is shown."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        status_text.count_changes(self.result_list, at=timezone.now())


@admin.register(Article)
class ArticleAdmin(HelpLinks, BoundedList, NamesState, admin.ModelAdmin):
    form = ArticleForm
    inlines = [QuestionInline]
    list_display = ["title", "state", "kind", "author", "updated_at"]
    list_filter = [StateFilter, "kind", "topics", "author"]
    list_select_related = ["author"]
    list_per_page = 50
    search_fields = ["title", "slug", "summary", "body"]
    search_help_text = _("Title, slug or text")
    search_fact = "state"
    ordering = ["-updated_at", "-id"]
    autocomplete_fields = ["author", "reviewer", "hero", "topics", "services", "related"]
    prepopulated_fields = {"slug": ["title"]}
    save_on_top = True
    help_sections = {
        "takeaways": "An article, from the first word to the public page",
        "body": "The visual editor",
        "reviewer": "Review",
        "certainty": "Review",
        "hero": "Images",
    }
    fieldsets = [
        (None, {"fields": ["title", "summary", "takeaways", "body"]}),
        (
            _("Author and reviewer"),
            {"classes": ["collapse"], "fields": ["author", "reviewer", "owner"]},
        ),
        (
            _("Topics and image"),
            {
                "classes": ["collapse"],
                "fields": ["topics", "services", "hero", "certainty", "related"],
            },
        ),
        (
            _("Address and menu"),
            {"classes": ["collapse"], "fields": ["slug", "kind", "in_menu", "menu_below"]},
        ),
        (
            _("Search engines"),
            {"classes": ["collapse"], "fields": ["seo_title", "seo_description"]},
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Article]:
        return super().get_queryset(request).with_state(timezone.now())  # type: ignore[attr-defined]

    def title_of_list(self, request: HttpRequest) -> str:
        """Return “Pages” where the list is of pages alone, as in the menu."""
        is_pages = request.GET.get("kind__exact") == Kind.PAGE
        return _t("Pages") if is_pages else super().title_of_list(request)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return StateList

    @admin.display(description=_("status"))
    def state(self, article: Article) -> str:
        return status_text.words(article, at=timezone.now())

    @admin.display(description=_("in the menu"), boolean=True)
    def in_menu(self, article: Article) -> bool:
        """For those who may not change it."""
        return article.menu_order is not None

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """How firm the evidence is, is a clinical judgement."""
        return [] if request.user.has_perm("articles.review_article") else ["certainty"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Authors change what is their own."""
        if not super().has_change_permission(request, obj):
            return False
        return permissions.may_write(user_of(request), obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None:
            return permissions.may_delete(user_of(request), obj)
        return super().has_delete_permission(request)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.autocomplete_fields:
            kwargs["widget"] = ListedSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.autocomplete_fields:
            kwargs["widget"] = ListedSelectMultiple(db_field, self.admin_site)
        if db_field.name == "related":
            kwargs["queryset"] = Article.objects.only("title")  # a list of names, not of texts
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        practitioner = getattr(request.user, "practitioner", None)
        kind = _kind_asked(request)
        return {"author": practitioner, "owner": request.user, **initial, "kind": kind}

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Leave a row as it is where nothing was changed: buttons that save first are pressed
        often."""
        if not change or _touched(form):
            super().save_model(request, obj, form, change)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Log nothing where nothing was changed."""
        return super().log_change(request, obj, message) if message else None

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Go on to what a button that saves first is for; the form was saved."""
        then = request.POST.get("_then")
        if then == "preview":
            return HttpResponseRedirect(reverse("preview", args=[obj.pk]))
        if then in SAVES_FIRST:
            return HttpResponseRedirect(reverse(f"admin:articles_article_{then}", args=[obj.pk]))
        return super().response_change(request, obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        touched = _touched(form)
        asked = any(formset.has_changed() for formset in formsets)
        if touched or asked:
            self._count_change(request, form, change=change, words=asked)
        working.forget(form.instance if change else None, user_of(request))
        if {"in_menu", "menu_below"} & set(form.changed_data):
            content_version.raise_version()

    def _count_change(self, request: HttpRequest, form: Any, *, change: bool, words: bool) -> None:
        """Raise the revision, and note who changed the words (`words`: those of the questions) and
        who was the author until now."""
        article = form.instance
        # The moment, too: where only questions were changed, the row itself was not saved.
        changes = {"revision": F("revision") + 1, "updated_at": timezone.now()}
        Article.objects.filter(pk=article.pk).update(**changes)
        article.refresh_from_db(fields=list(changes))
        if words or not change or contributions.WORDS & set(form.changed_data):
            contributions.record(article, by=user_of(request))
        if change and "author" in form.changed_data:
            contributions.record(article, past_author_id=form.initial.get("author"))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        names = _names(_kind_asked(request))
        return super().changelist_view(request, {**names, **(extra_context or {})})

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        names = _names(_kind_asked(request))
        context = {**names, "title": names["add_name"], **(extra_context or {})}
        return super().add_view(request, form_url, context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        at = timezone.now()
        article = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if article is not None:
            status_text.count_changes([article], at=at)
            composition = compose(Text.of_article(article), at=at)
            live = Edition.objects.live(at).filter(article=article).first()
            context |= {
                **_names(article.kind),
                "state": status_text.words(article, at=at),
                "changes": article.changes,
                "live": live,
                "waiting": Edition.objects.waiting(at).filter(article=article).first(),
                "issues": issues_of(article, at=at, composition=composition),
                "share_url": request.build_absolute_uri(
                    reverse("shared_preview", args=[share_token(article)])
                ),
                "share_days": SHARED_FOR_DAYS,
                "may_publish": request.user.has_perm("articles.publish_article"),
                "may_write": permissions.may_write(user_of(request), article),
                "may_review": request.user.has_perm("articles.review_article"),
                "signed": signed(article, at=at, composition=composition),
                "mistakes": article.mistakes.open().count(),
                "remarks": article.remarks.all()[:5],
                "invited": invitations.of_article(article, at=at),
                "others": working.others_here(article, user_of(request), at),
            }
        return super().change_view(request, object_id, form_url, context)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A save is one transaction, the article's row locked first: of two saves at once the
        second one sees the first. Reading takes none: it would wait for a writer."""
        if request.method != "POST":
            return super().changeform_view(request, *args, **kwargs)
        with transaction.atomic():
            object_id = kwargs.get("object_id") or (args[0] if args else None)
            pk = whole_number(str(object_id or ""))
            if pk:
                list(Article.objects.select_for_update().filter(pk=pk).only("pk"))
            return super().changeform_view(request, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        def own(route: str, view: Any, name: str) -> URLPattern:
            return path(route, self.admin_site.admin_view(view), name=f"articles_article_{name}")

        return [
            own("menu/", menu.menu_view, "menu"),
            own("menu/move/", menu.move_view, "menu_move"),
            own("import/", moving.start_view, "import_site"),
            own("import/<int:import_id>/", moving.import_view, "import"),
            own("import/<int:import_id>/pictures/", moving.pictures_view, "import_pictures"),
            own("import/<int:import_id>/delete/", moving.delete_view, "import_delete"),
            own("import/<int:import_id>/done/<int:line>/", moving.done_view, "import_done"),
            own("<int:article_id>/publish/", actions.publish_view, "publish"),
            own("working-copy/", working.working_copy_view, "working_copy"),
            own("suggest/references/", working.suggest_references_view, "suggest_references"),
            own("suggest/pages/", working.suggest_pages_view, "suggest_pages"),
            own("suggest/pictures/", working.suggest_pictures_view, "suggest_pictures"),
            own("<int:article_id>/submit/", reviews.submit_view, "submit"),
            own("<int:article_id>/review/", reviews.review_view, "review"),
            own("<int:article_id>/invite/", reviews.invite_view, "invite"),
            own(
                "<int:article_id>/invite/<int:invitation_id>/take-back/",
                reviews.take_back_view,
                "take_back",
            ),
            own("<int:article_id>/mistakes/", mistakes.mistakes_view, "mistakes"),
            own("<int:article_id>/renew-link/", reviews.renew_link_view, "renew_link"),
            own("<int:article_id>/duplicate/", actions.duplicate_view, "duplicate"),
            own("<int:article_id>/withdraw/", actions.withdraw_view, "withdraw"),
            own("<int:article_id>/editions/", actions.editions_view, "editions"),
            own("<int:article_id>/compare/", actions.compare_view, "compare"),
            own("<int:article_id>/cancel/<int:number>/", actions.cancel_view, "cancel"),
            own("<int:article_id>/reschedule/<int:number>/", actions.reschedule_view, "reschedule"),
            own("<int:article_id>/republish/<int:number>/", actions.republish_view, "republish"),
            *super().get_urls(),
        ]
