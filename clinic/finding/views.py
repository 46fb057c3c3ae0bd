"""The page of the search."""

from collections import Counter
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from clinic.finding import asking, empty_searches
from clinic.finding.asking import Answer, Found
from clinic.lib.web.pagestore import declare
from clinic.site import page_context
from clinic.site.views import public

BEST = 5  # results that are shown first, of whatever kind
OF_A_KIND = 3  # results of a kind below them
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
    context |= {"kind": kind, "count": len(answer.found), **_shown(answer, kind, request)}
    response = public(request, "clinic/search.html", context, "q", "kind", "page")
    if answer.found:
        return response
    empty_searches.note(query, at)
    # Kept no longer than until the next visitor counts.
    until = [m for m in (page_context.current().until, at + empty_searches.ONCE_IN) if m]
    return declare(response, "q", "kind", "page", until=min(until))


def _shown(answer: Answer, kind: str, request: HttpRequest) -> dict[str, Any]:
    """The best first and then the others by kind; or, of one kind, page by page."""
    found = answer.found
    of_kind = [one for one in found if one.kinds == kind]
    counts = Counter(one.kinds for one in found)
    if of_kind or len(counts) < 2 or len(found) <= BEST:
        pages = Paginator(of_kind or found, RESULTS_PER_PAGE)
        page = pages.get_page(request.GET.get("page", "1"))
        kept = urlencode({"q": request.GET.get("q", ""), "kind": kind}) if of_kind else ""
        results = answer.shown(page.object_list)
        return {"page_obj": page, "results": results, "of_kind": bool(of_kind), "kept": kept}
    groups: dict[str, list[Found]] = {name: [] for name in counts}
    for one in found[BEST:]:
        if len(groups[one.kinds]) < OF_A_KIND:
            groups[one.kinds].append(one)
    below = [one for group in groups.values() for one in group]
    results = answer.shown([*found[:BEST], *below])
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
