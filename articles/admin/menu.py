"""The menu of the site, in its order: pages are moved among the entries that are always there."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.models import Article, Edition
from articles.models.choices import Kind
from clinic import hooks
from clinic.accounts.staff_accounts import user_of
from clinic.admin import ordering
from clinic.site import content_version, page_context


@dataclass
class Entry:
    """One entry of the menu. `pk`: of a page; of an entry that is always there, a negative one."""

    pk: int
    label: str
    order: int
    is_public: bool = True
    is_below: bool = False
    index_in_order: int = 0
    count_in_order: int = 0

    @property
    def is_page(self) -> bool:
        return self.pk > 0

    def __str__(self) -> str:
        return self.label


def entries(at: datetime) -> list[Entry]:
    """Return the menu in its order, with the pages that will be in it once they are published."""
    live = {e.article_id: e for e in Edition.objects.live(at).filter(kind=Kind.PAGE)}
    addresses = {edition.get_absolute_url() for edition in live.values()}
    found = [
        Entry(-number, entry.label, entry.order)
        for number, entry in enumerate((e for menu in hooks.menus for e in menu(at)), 1)
        if entry.url not in addresses
    ]
    pages = Article.objects.filter(kind=Kind.PAGE, menu_order__isnull=False).defer("body")
    for page in pages:
        title = live[page.pk].title if page.pk in live else page.title
        found.append(Entry(page.pk, title, page.menu_order or 0, page.pk in live, page.menu_below))
    found.sort(key=lambda entry: (entry.order, entry.label))
    for index, entry in enumerate(found):
        entry.index_in_order, entry.count_in_order = index, len(found)
    return found


def menu_view(request: HttpRequest) -> HttpResponse:
    """Show the menu, with buttons that move its pages."""
    _check(request)
    found = entries(timezone.now())
    context = {
        **admin.site.each_context(request),
        "opts": Article._meta,
        "title": _("Menu"),
        "entries": found,
        ordering.SEEN: ordering.digest([entry.pk for entry in found]),
        "media": ordering.MEDIA,
    }
    return render(request, "admin/articles/menu.html", context)


def move_view(request: HttpRequest) -> HttpResponse:
    """Move one page to a place of the menu. Entries that are always there keep their numbers."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    _check(request)
    address = reverse("admin:articles_article_menu")
    with transaction.atomic():
        list(Article.objects.select_for_update().filter(menu_order__isnull=False).only("pk"))
        found = entries(timezone.now())
        places = ordering.asked(request, [entry.pk for entry in found])
        if places is None:
            return HttpResponseRedirect(address)
        before, place = places
        moved = found.pop(before)
        found.insert(place, moved)
        _number(found)
        said = ordering.said(moved, place, len(found))
        article = Article.objects.filter(pk=moved.pk)
        LogEntry.objects.log_actions(user_of(request).pk, article, CHANGE, said, single_object=True)
        content_version.raise_version()
    page_context.forget()
    messages.success(request, said)
    button = ordering.next_button(moved.pk, before, place, len(found))
    return HttpResponseRedirect(f"{address}#{button}")


def last_order(at: datetime) -> int:
    """Return the number of a page that is added to the menu: at its end."""
    return max(entry.order for entry in entries(at)) + 1


def _number(found: list[Entry]) -> None:
    """Give the pages numbers between those of the entries that are always there."""
    number = 0
    for index, entry in enumerate(found):
        if not entry.is_page:
            number = entry.order
            continue
        below = next((e.order for e in found[index:] if not e.is_page), None)
        number = number + 1 if below is None else min(number + 1, below - 1)
        if number != entry.order:
            Article.objects.filter(pk=entry.pk).update(menu_order=number)


def _check(request: HttpRequest) -> None:
    """Raise PermissionDenied for those who may not publish: the menu changes at once."""
    if not request.user.has_perm("articles.publish_article"):
        raise PermissionDenied
