"""Manuscripts: written, checked, published."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db import transaction
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles import due, invitations, rules, states
from articles.admin import actions, reviews, working
from articles.admin.choices import ListedSelect, ListedSelectMultiple, QuestionFormSet
from articles.admin.forms import ArticleForm
from articles.drafts import SHARED_FOR_DAYS, share_token
from articles.models import Article, Edition, Question
from articles.models.article import Kind
from articles.publishing import issues_of
from articles.reviewing import signed
from clinic import content
from clinic.accounts import user_of


class QuestionInline(admin.StackedInline):
    model = Question
    formset = QuestionFormSet
    template = "admin/articles/article/questions.html"
    extra = 0
    verbose_name = _("question")
    verbose_name_plural = _("questions people ask")


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("draft", _("Draft")),
            ("published", _("Published")),
            ("changes", _("With changes not yet published")),
            ("scheduled", _("Scheduled")),
            ("review", _("Waiting for review")),
            ("due", _("Review due within 30 days")),
            ("withdrawn", _("Withdrawn")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        published = queryset.filter(edition_number__isnull=False, edition_withdrawn_at=None)
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
                return queryset.filter(pk__in=due.editions_due(timezone.now()).values("article"))
            case "withdrawn":
                return queryset.filter(edition_withdrawn_at__isnull=False)
        return queryset


class StateList(ChangeList):
    """Counts what is not yet published of the articles on the page that is shown."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        states.count_changes(self.result_list, at=timezone.now())


@admin.register(Article)
class ArticleAdmin(admin.ModelAdmin):
    form = ArticleForm
    inlines = [QuestionInline]
    list_display = ["title", "state", "kind", "author", "updated_at"]
    list_filter = [StateFilter, "kind", "topics", "author"]
    list_select_related = ["author"]
    list_per_page = 50
    search_fields = ["title", "slug", "summary", "body"]
    search_help_text = _("Title, address word or words of the text")
    ordering = ["-updated_at", "-id"]
    autocomplete_fields = ["author", "reviewer", "hero", "topics", "services", "related"]
    prepopulated_fields = {"slug": ["title"]}
    save_on_top = True
    fieldsets = [
        (
            None,
            {"fields": ["title", "slug", "kind", "summary", "takeaways", "body"]},
        ),
        (
            _("People, topics and picture"),
            {
                "fields": [
                    ("author", "reviewer"),
                    "topics",
                    "services",
                    "hero",
                    "certainty",
                    "related",
                    "owner",
                ]
            },
        ),
        (
            _("Search engines and menu"),
            {"classes": ["collapse"], "fields": ["seo_title", "seo_description", "menu_order"]},
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Article]:
        return super().get_queryset(request).with_state(timezone.now())  # type: ignore[attr-defined]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return StateList

    @admin.display(description=_("state"))
    def state(self, article: Article) -> str:
        return states.words(article, at=timezone.now())

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """How firm the evidence is, is a clinical judgement."""
        return [] if request.user.has_perm("articles.review_article") else ["certainty"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Authors change what is their own."""
        if not super().has_change_permission(request, obj):
            return False
        return rules.may_write(user_of(request), obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was public once stays: it can be withdrawn."""
        if obj is not None and obj.editions.exists():
            return False
        return super().has_delete_permission(request, obj)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if obj is None and "kind" in form.base_fields:
            kind = request.GET.get("kind")
            form.base_fields["kind"].initial = kind if kind in Kind.values else Kind.ARTICLE
        return form

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
        return {"author": practitioner, "owner": request.user, **initial}

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        touched = set(form.changed_data) - {"opened_revision"}
        if touched or any(formset.has_changed() for formset in formsets):
            Article.objects.filter(pk=form.instance.pk).update(revision=F("revision") + 1)
        working.forget(form.instance if change else None, user_of(request))
        if "menu_order" in touched:
            content.raise_version()

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
            states.count_changes([article], at=at)
            live = Edition.objects.live(at).filter(article=article).first()
            context |= {
                "state": states.words(article, at=at),
                "changes": article.changes,
                "live": live,
                "waiting": Edition.objects.waiting(at).filter(article=article).first(),
                "issues": issues_of(article, at=at),
                "share_url": request.build_absolute_uri(
                    reverse("shared_preview", args=[share_token(article)])
                ),
                "share_days": SHARED_FOR_DAYS,
                "may_publish": request.user.has_perm("articles.publish_article"),
                "may_write": rules.may_write(user_of(request), article),
                "may_review": request.user.has_perm("articles.review_article"),
                "signed": signed(article, at=at),
                "remarks": article.remarks.all()[:5],
                "invited": invitations.of_article(article, at=at),
                "others": working.others_here(article, user_of(request), at),
            }
        return super().change_view(request, object_id, form_url, context)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """One transaction, the article's row locked first: of two saves at once the second one
        sees the first."""
        with transaction.atomic():
            object_id = kwargs.get("object_id") or (args[0] if args else None)
            if request.method == "POST" and object_id and str(object_id).isdigit():
                list(Article.objects.select_for_update().filter(pk=object_id).only("pk"))
            return super().changeform_view(request, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        def own(route: str, view: Any, name: str) -> URLPattern:
            return path(route, self.admin_site.admin_view(view), name=f"articles_article_{name}")

        return [
            own("<int:article_id>/publish/", actions.publish_view, "publish"),
            own("working-copy/", working.working_copy_view, "working_copy"),
            own("suggest/references/", working.suggest_references_view, "suggest_references"),
            own("suggest/pages/", working.suggest_pages_view, "suggest_pages"),
            own("<int:article_id>/submit/", reviews.submit_view, "submit"),
            own("<int:article_id>/review/", reviews.review_view, "review"),
            own("<int:article_id>/invite/", reviews.invite_view, "invite"),
            own(
                "<int:article_id>/invite/<int:invitation_id>/take-back/",
                reviews.take_back_view,
                "take_back",
            ),
            own("<int:article_id>/renew-link/", reviews.renew_link_view, "renew_link"),
            own("<int:article_id>/withdraw/", actions.withdraw_view, "withdraw"),
            own("<int:article_id>/editions/", actions.editions_view, "editions"),
            own("<int:article_id>/compare/", actions.compare_view, "compare"),
            own("<int:article_id>/cancel/<int:number>/", actions.cancel_view, "cancel"),
            own("<int:article_id>/republish/<int:number>/", actions.republish_view, "republish"),
            *super().get_urls(),
        ]
