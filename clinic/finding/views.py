"""The page of the search."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from clinic.finding import asking, empty_searches
from clinic.finding.asking import Result
from clinic.lib.web.pagestore import declare
from clinic.site import page_context
from clinic.site.views import public

BEST = 5  # results that are shown first, of whatever kind
OF_A_KIND = 5  # results of a kind below them
RESULTS_PER_PAGE = 10


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
    context |= {"kind": kind, "count": len(answer.results), **_shown(answer.results, kind, request)}
    response = public(request, "clinic/search.html", context, "q", "kind", "page")
    if answer.results:
        return response
    empty_searches.note(query, at)
    # Kept no longer than until the next visitor counts.
    until = [m for m in (page_context.current().until, at + empty_searches.ONCE_IN) if m]
    return declare(response, "q", "kind", "page", until=min(until))


def _shown(results: Sequence[Result], kind: str, request: HttpRequest) -> dict[str, Any]:
    """The best first and then the others by kind; or, of one kind, page by page."""
    of_kind = [result for result in results if result.kinds == kind]
    if of_kind or len({result.kinds for result in results}) < 2 or len(results) <= BEST:
        pages = Paginator(of_kind or results, RESULTS_PER_PAGE)
        kept = urlencode({"q": request.GET.get("q", ""), "kind": kind}) if of_kind else ""
        return {
            "page_obj": pages.get_page(request.GET.get("page", "1")),
            "of_kind": bool(of_kind),
            "kept": kept,
        }
    order = list(dict.fromkeys(result.kinds for result in results))
    rest = sorted(results[BEST:], key=lambda result: order.index(result.kinds))
    groups = [(name, list(found)) for name, found in groupby(rest, key=lambda r: r.kinds)]
    counts = {name: sum(result.kinds == name for result in results) for name in order}
    return {
        "best": results[:BEST],
        "groups": [
            {"name": name, "results": found[:OF_A_KIND], "count": counts[name]}
            for name, found in groups
        ],
    }
