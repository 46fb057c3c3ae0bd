"""In which style references are printed: AMA or NLM, as the clinic has chosen.

Texts keep the entries of their lists as they were printed when they were published; when the
choice changes, `articles.manuscript.rendering` makes them again.

Everything that prints a reference calls it. It must not know editions.
"""

from collections.abc import Callable

from django.utils.safestring import SafeString

from articles.references.csl import Csl
from articles.references.styles import ama, nlm
from clinic.models import Clinic
from clinic.site import page_context

_PRINTERS: dict[str, Callable[[Csl], SafeString]] = {
    Clinic.ReferenceStyle.AMA: ama.format_reference,
    Clinic.ReferenceStyle.NLM: nlm.format_reference,
}


def chosen() -> str:
    """The clinic's style, a value of Clinic.ReferenceStyle, at most a second old. No query."""
    return page_context.current().clinic.reference_style


def stored() -> str:
    """The same, read now: for what is kept. One query."""
    return Clinic.objects.values_list("reference_style", flat=True).get(id=1)


def printed(csl: Csl, style: str | None = None) -> SafeString:
    """The entry of a source in the list, as HTML; in the clinic's style if none is given."""
    return _PRINTERS[style or chosen()](csl)
