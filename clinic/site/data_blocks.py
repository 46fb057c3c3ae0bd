"""Blocks of pages that are made of what is known elsewhere, so that no page repeats it: a link to
`show:…` alone in its paragraph, such as [Fees](show:fees)."""

from django.template.loader import render_to_string

from clinic.models import Insurer, Service
from clinic.site import page_context

TEMPLATES = {
    "cancellation": "partials/cancellation.html",
    "fees": "partials/fee_table.html",
    "insurers": "partials/insurers.html",
    "locations": "partials/places.html",
}
# Those by whose words a page is found. Locations are found themselves, and say what time it is.
FOUND = ("cancellation", "fees", "insurers")


def draw(name: str) -> str:
    """Return the HTML of a block as it is now; nothing of a name that is not known any more."""
    if name not in TEMPLATES:
        return ""
    framed = page_context.current()
    context = {"clinic": framed.clinic, "locations": framed.locations}
    if name == "fees":
        context["services"] = page_context.once("services with a fee", _services)
    if name == "insurers":
        context["insurers"] = page_context.once("insurers", lambda: tuple(Insurer.objects.all()))
    return render_to_string(TEMPLATES[name], context)


def _services() -> tuple[Service, ...]:
    """The public services that say what an appointment takes or costs."""
    public = Service.objects.filter(is_public=True)
    return tuple(s for s in public if s.first_minutes or s.follow_minutes or s.price_text)
