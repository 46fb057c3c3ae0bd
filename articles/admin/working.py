"""Endpoints for the open editor: unsaved text, who else has the article open, names to
choose from. Answers are JSON; who is not signed in is asked to sign in."""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from articles import permissions
from articles.editor import status_text
from articles.models import Article, Reference, WorkingCopy
from articles.models.choices import Kind
from articles.references.styles import ama
from clinic import hooks
from clinic.accounts.staff_accounts import user_of
from clinic.lib import nested_json
from clinic.lib.fields.numbers import whole_number
from clinic.lib.fields.visible_text import visible
from clinic.models import Image, Location, Practitioner, Service, User
from clinic.pictures.renditions import smallest_square

LARGEST = 600_000  # bytes of one working copy
LARGEST_REVISION = 2**31 - 1
SHOWN = 5  # as many as stand in the list without moving it
SHOWN_PICTURES = 12
MOST_KEYS = 200
NAMED: dict[str, Any] = {
    "service": (Service, "name"),
    "practitioner": (Practitioner, "name"),
    "location": (Location, "name"),
}
KINDS: dict[str, Any] = {
    **dict(Kind.choices),
    **{kind: model._meta.verbose_name for kind, (model, _name) in NAMED.items()},
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
    if not permissions.may_write(user, article):
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
            "saved_at": status_text.moment(mine.saved_at) if mine and mine.saved_at else "",
            "others": others_here(article, user, at) if article else [],
            "token": get_token(request),
        }
    )


def others_here(article: Article, user: User, at: datetime) -> list[dict[str, str]]:
    """Who else has this text open, and since when, in the current time zone."""
    present = WorkingCopy.objects.present(at).filter(article=article).exclude(person=user)
    return [
        {"name": str(copy.person), "since": time_format(timezone.localtime(copy.opened_at))}
        for copy in present.select_related("person").order_by("opened_at", "pk")
    ]


def forget(article: Article | None, user: User) -> None:
    """Nothing of this person is unsaved any more."""
    WorkingCopy.objects.filter(article=article, person=user).update(fields={}, saved_at=None)


def _article(given: str) -> Article | None:
    """None for a new text. Raises Http404."""
    if not given:
        return None
    articles = Article.objects.select_related("author")
    return get_object_or_404(articles, pk=whole_number(given) or 0)


def _keep(request: HttpRequest, article: Article | None, user: User, at: datetime) -> None:
    copy, _made = WorkingCopy.objects.get_or_create(
        article=article, person=user, defaults={"opened_at": at, "seen_at": at}
    )
    changes: dict[str, Any] = {"seen_at": at}
    if not WorkingCopy.objects.present(at).filter(pk=copy.pk).exists():
        changes["opened_at"] = at  # they were away and came back
    if "fields" in request.POST:
        fields = _fields(request.POST["fields"])
        changes |= {"fields": fields, "saved_at": at if fields else None}
        revision = whole_number(request.POST.get("revision", "")) or 0
        changes["revision"] = min(revision, LARGEST_REVISION)
    WorkingCopy.objects.filter(pk=copy.pk).update(**changes)


def _fields(sent: str) -> dict[str, str]:
    """Raises ValueError for what is not a flat JSON object of texts, or is too large."""
    fields = nested_json.loads(sent, longest=LARGEST) if len(sent) <= LARGEST else None
    if not isinstance(fields, dict) or not all(isinstance(v, str) for v in fields.values()):
        raise ValueError
    return {visible(name): visible(text) for name, text in fields.items()}


@require_safe
def suggest_references_view(request: HttpRequest) -> HttpResponse:
    """Sources of the library that match `q` by key, author, year or title; or those of `keys`."""
    if not request.user.has_perm("articles.view_reference"):
        raise PermissionDenied
    # What was only pasted has no details to cite yet.
    stubs = Q(csl__type="document", csl__custom__pasted__isnull=False, authors="")
    references = Reference.objects.exclude(stubs)
    if keys := request.GET.get("keys", "").replace("\0", "").split()[:MOST_KEYS]:
        return _references(references.filter(key__in=keys))
    for word in _words(request):
        year = int(word) if word.isdecimal() and len(word) == 4 else None
        references = references.filter(
            Q(key__icontains=word)
            | Q(authors__icontains=word)
            | Q(title__icontains=word)
            | Q(year=year)
        )
    return _references(references.order_by("-year", "key")[:SHOWN])


def _references(rows: QuerySet[Reference]) -> JsonResponse:
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
    """Things of one `kind` (article, page, service …) whose name or slug matches `q`; without a
    kind of all, each named by it (article:knee-pain), and the booking form."""
    if not request.user.has_perm("articles.view_article"):
        raise PermissionDenied
    if kind := request.GET.get("kind", ""):
        found = _pages(kind, _words(request))
        return JsonResponse(
            {"found": [{"value": slug, "label": label, "more": ""} for slug, label in found]}
        )
    words = _words(request)
    pages = [
        {"value": f"{kind}:{slug}", "label": label, "more": str(kind_name)}
        for kind, kind_name in KINDS.items()
        for slug, label in _pages(kind, words)
    ]
    return JsonResponse({"found": pages + _booking(words) if words else _booking(words) + pages})


def _booking(words: list[str]) -> list[dict[str, str]]:
    """The booking form, and for words that narrow it also the form for each service."""
    if not hooks.booking.form():
        return []
    label, more = _("Request an appointment"), _("Booking form")
    others = [word for word in words if word.casefold() not in f"{label} {more}".casefold()]
    named = [("", label)] if not others else []
    if words:
        named += [(slug, f"{label}: {name}") for slug, name in _pages("service", others)]
    return [{"value": f"book:{slug}", "label": name, "more": more} for slug, name in named]


def _pages(kind: str, words: list[str]) -> list[tuple[str, str]]:
    """The slugs and names of some things of this kind; none of one that is unknown."""
    if kind in Kind.values:
        rows, name = Article.objects.filter(kind=kind), "title"
    elif kind in NAMED:
        model, name = NAMED[kind]
        rows = model.objects.filter(is_public=True)
    else:
        return []
    for word in words:
        rows = rows.filter(Q(**{f"{name}__icontains": word}) | Q(slug__icontains=word))
    return list(rows.order_by(name, "pk").values_list("slug", name)[:SHOWN])


@require_safe
def suggest_pictures_view(request: HttpRequest) -> HttpResponse:
    """Pictures of the library whose alt text, credit or file name matches `q`, newest first."""
    if not request.user.has_perm("clinic.view_image"):
        raise PermissionDenied
    rows = Image.objects.all()
    for word in _words(request):
        rows = rows.filter(
            Q(alt__icontains=word) | Q(credit__icontains=word) | Q(file__icontains=word)
        )
    return JsonResponse(
        {
            "found": [
                {
                    "value": row.address,
                    "label": row.alt or row.address.rpartition("/")[2],
                    "alt": row.alt,
                    "image": smallest_square(row),
                }
                for row in rows[:SHOWN_PICTURES]
            ]
        }
    )


def _words(request: HttpRequest) -> list[str]:
    return request.GET.get("q", "").replace("\0", "")[:100].replace("-", " ").split()[:5]
