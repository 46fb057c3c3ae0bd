"""The page of the search."""

from collections import Counter
from dataclasses import replace
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from clinic import hooks
from clinic.finding import asking, empty_searches
from clinic.finding.asking import Answer, Found, Result
from clinic.lib.web.counting import count_as
from clinic.lib.web.pagestore import declare
from clinic.models import DailyCount
from clinic.site import page_context
from clinic.site.views import public

BEST = 5  # results that are shown first, of whatever kind
OF_A_KIND = 3  # results of a kind below them
RESULTS_PER_PAGE = 10
SHORTEST_SUGGESTED, LONGEST_SUGGESTED = 2, 60  # characters for which pages are suggested
MOST_SUGGESTED = 6


@require_safe
def search_page(request: HttpRequest) -> HttpResponse:
    """Search everything public. The words are not logged; see clinic.finding.empty_searches."""
    query = request.GET.get("q", "").replace("\0", "").strip()[: asking.LONGEST_QUERY]
    context: dict[str, Any] = {"query": query, "noindex": True, "answer": None}
    if not query:
        return public(request, "clinic/search.html", context, "q", "kind", "page")
    at = timezone.now()
    answer = context["answer"] = asking.answer(query, at)
    kind = request.GET.get("kind", "")
    context |= {"kind": kind, "count": len(answer.found), **_shown(answer, kind, request)}
    response = public(request, "clinic/search.html", context, "q", "kind", "page")
    count_as(response, DailyCount.What.SEARCH)
    if answer.found:
        return response
    empty_searches.note(query, at)
    # Kept no longer than until the next visitor counts.
    until = [m for m in (page_context.current().until, at + empty_searches.ONCE_IN) if m]
    return declare(response, "q", "kind", "page", until=min(until))


@require_safe
def suggestions(request: HttpRequest) -> JsonResponse:
    """The pages that fit what is being typed, as JSON. Neither browsers nor this site keep the
    answer, and what finds nothing is not counted: it is not finished."""
    query = request.GET.get("q", "").replace("\0", "").strip()
    found: list[Result] = []
    if SHORTEST_SUGGESTED <= len(query) <= LONGEST_SUGGESTED:
        answer = asking.answer(query, timezone.now())
        found = _leading_back(answer.shown(answer.found[:MOST_SUGGESTED]), request)
    rows = [{"title": one.title, "kind": one.kind, "url": one.url} for one in found]
    response = JsonResponse({"results": rows})
    response.headers["Cache-Control"] = "no-store"
    return response


def _leading_back(results: list[Result], request: HttpRequest) -> list[Result]:
    """The results with addresses that carry what was searched for, so that pages can link back.
    The booking form and other sites are not told."""
    form, query = hooks.booking.form(), urlencode({"q": request.GET.get("q", "")})
    return [
        replace(result, url=_with_query(result.url, query))
        if result.url.startswith("/") and not (form and result.url.startswith(form))
        else result
        for result in results
    ]


def _with_query(url: str, query: str) -> str:
    path, sign, anchor = url.partition("#")
    return f"{path}{'&' if '?' in path else '?'}{query}{sign}{anchor}"


def _shown(answer: Answer, kind: str, request: HttpRequest) -> dict[str, Any]:
    """The best first and then the others by kind; or, of one kind, page by page."""
    found = answer.found
    of_kind = [one for one in found if one.kinds == kind]
    counts = Counter(one.kinds for one in found)
    if of_kind or len(counts) < 2 or len(found) <= BEST:
        pages = Paginator(of_kind or found, RESULTS_PER_PAGE)
        page = pages.get_page(request.GET.get("page", "1"))
        kept = urlencode({"q": request.GET.get("q", ""), "kind": kind}) if of_kind else ""
        results = _leading_back(answer.shown(page.object_list), request)
        return {"page_obj": page, "results": results, "of_kind": bool(of_kind), "kept": kept}
    groups: dict[str, list[Found]] = {name: [] for name in counts}
    for one in found[BEST:]:
        if len(groups[one.kinds]) < OF_A_KIND:
            groups[one.kinds].append(one)
    below = [one for group in groups.values() for one in group]
    results = _leading_back(answer.shown([*found[:BEST], *below]), request)
    return {
        "best": results[:BEST],
        "groups": [
            {
                "name": name,
                "results": [r for r in results[BEST:] if r.kinds == name],
                "count": counts[name],
            }
            for name, group in groups.items()
            if group
        ],
    }
