"""Template tag for the parts of a page that are the same on many: header, footer, notices."""

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from clinic.site import page_context

register = template.Library()

NAMES = ("clinic", "locations", "announcements", "menu", "site_url")  # of page_context.context


@register.simple_tag(takes_context=True)
def framed(context: Context, name: str) -> SafeString:
    """A template that is given only what stands around every page. It is rendered once for each
    content version and each entry of the menu that a page can belong to."""
    given = {name: context[name] for name in NAMES if name in context}
    if len(given) < len(NAMES):  # an error within the admin has no menu
        return render_to_string(name, given)
    where = tuple(item.url for item in _all(given["menu"]) if item.current)
    return page_context.once((name, where), lambda: render_to_string(name, given))


def _all(menu: "list[page_context.MenuItem]") -> "list[page_context.MenuItem]":
    return [one for item in menu for one in (item, *item.below)]
