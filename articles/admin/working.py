"""What the editor asks while somebody writes: unsaved words kept, who else is here, names to
choose from. Answers are JSON; who is not signed in is asked to sign in."""

import json
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from articles import ama, rules, states
from articles.models import Article, Reference, WorkingCopy
from articles.models.article import Kind
from clinic.accounts import user_of
from clinic.models import Location, Practitioner, Service, User

LARGEST = 600_000  # bytes of one working copy
SHOWN = 5  # as many as stand in the list without moving it
NAMED: dict[str, Any] = {
    "service": (Service, "name"),
    "practitioner": (Practitioner, "name"),
    "location": (Location, "name"),
}


@require_http_methods(["GET", "HEAD", "POST"])
def working_copy_view(request: HttpRequest) -> HttpResponse:
    """What this person has not saved yet of `article` (nothing: a new text), and who else is here.

    POST tells that they are still here; with `fields` (JSON, field → text) it keeps these, empty
    ones forget the copy. Answers fields, revision, moment, others, and a fresh token for forms.
    """
    user, at = user_of(request), timezone.now()
    given = request.POST if request.method == "POST" else request.GET
    article = _article(given.get("article", ""))
    if not rules.may_write(user, article):
        raise PermissionDenied
    copies = WorkingCopy.objects.filter(article=article, person=user)
    if request.method == "POST":
        try:
            _keep(request, article, user, at)
        except ValueError:
            return JsonResponse({"error": "fields"}, status=400)
    mine = copies.first()
    return JsonResponse(
        {
            "fields": mine.fields if mine else {},
            "revision": mine.revision if mine else 0,
            "saved_at": states.moment(mine.saved_at) if mine and mine.saved_at else "",
            "others": others_here(article, user, at) if article else [],
            "token": get_token(request),
        }
    )


def others_here(article: Article, user: User, at: datetime) -> list[dict[str, str]]:
    """Who else has this text open, and since when, in the current time zone."""
    present = WorkingCopy.objects.present(at).filter(article=article).exclude(person=user)
    return [
        {"name": str(copy.person), "since": timezone.localtime(copy.opened_at).strftime("%H:%M")}
        for copy in present.select_related("person").order_by("opened_at", "pk")
    ]


def forget(article: Article | None, user: User) -> None:
    """Nothing of this person is unsaved any more."""
    WorkingCopy.objects.filter(article=article, person=user).update(fields={}, saved_at=None)


def _article(given: str) -> Article | None:
    """None for a new text. Raises Http404."""
    if not given:
        return None
    pk = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0
    return get_object_or_404(Article.objects.select_related("author"), pk=pk)


def _keep(request: HttpRequest, article: Article | None, user: User, at: datetime) -> None:
    copy, _made = WorkingCopy.objects.get_or_create(
        article=article, person=user, defaults={"opened_at": at, "seen_at": at}
    )
    changes: dict[str, Any] = {"seen_at": at}
    if not WorkingCopy.objects.present(at).filter(pk=copy.pk).exists():
        changes["opened_at"] = at  # they were away and came back
    if "fields" in request.POST:
        fields = _fields(request.POST["fields"])
        revision = request.POST.get("revision", "")
        changes |= {"fields": fields, "saved_at": at if fields else None}
        changes["revision"] = int(revision) if revision.isdecimal() and len(revision) < 9 else 0
    WorkingCopy.objects.filter(pk=copy.pk).update(**changes)


def _fields(sent: str) -> dict[str, str]:
    """Raises ValueError for what is not a flat JSON object of texts, or is too large."""
    fields = json.loads(sent) if len(sent) <= LARGEST else None
    if not isinstance(fields, dict) or not all(isinstance(v, str) for v in fields.values()):
        raise ValueError
    return fields


@require_safe
def suggest_references_view(request: HttpRequest) -> HttpResponse:
    """Sources of the library that match `q` by key, author, year or title."""
    if not request.user.has_perm("articles.view_reference"):
        raise PermissionDenied
    references = Reference.objects.all()
    for word in _words(request):
        year = int(word) if word.isdecimal() and len(word) == 4 else None
        references = references.filter(
            Q(key__icontains=word)
            | Q(authors__icontains=word)
            | Q(title__icontains=word)
            | Q(year=year)
        )
    rows = references.order_by("-year", "key")[:SHOWN]
    return JsonResponse(
        {
            "found": [
                {
                    "value": row.key,
                    "label": ama.short_name(row.csl),
                    "more": row.title[:120],
                }
                for row in rows
            ]
        }
    )


@require_safe
def suggest_pages_view(request: HttpRequest) -> HttpResponse:
    """Things of one `kind` (article, page, service …) whose name or address word matches `q`."""
    if not request.user.has_perm("articles.view_article"):
        raise PermissionDenied
    kind = request.GET.get("kind", "")
    if kind in Kind.values:
        rows, name = Article.objects.filter(kind=kind), "title"
    elif kind in NAMED:
        model, name = NAMED[kind]
        rows = model.objects.filter(is_public=True)
    else:
        return JsonResponse({"found": []})
    for word in _words(request):
        rows = rows.filter(Q(**{f"{name}__icontains": word}) | Q(slug__icontains=word))
    found = rows.order_by(name, "pk").values_list("slug", name)[:SHOWN]
    return JsonResponse(
        {"found": [{"value": slug, "label": label, "more": ""} for slug, label in found]}
    )


def _words(request: HttpRequest) -> list[str]:
    return request.GET.get("q", "").replace("\0", "")[:100].replace("-", " ").split()[:5]
