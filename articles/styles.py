"""In which style references are printed: AMA or NLM, as the clinic has chosen.

Texts keep the entries of their lists as they were printed when they were published; when the
choice changes, `articles.rendering` makes them again.
"""

from collections.abc import Callable

from django.utils.safestring import SafeString

from articles import ama, nlm
from articles.csljson import Csl
from clinic import frame
from clinic.models import Clinic

_PRINTERS: dict[str, Callable[[Csl], SafeString]] = {
    Clinic.ReferenceStyle.AMA: ama.format_reference,
    Clinic.ReferenceStyle.NLM: nlm.format_reference,
}


def chosen() -> str:
    """The clinic's style, a value of Clinic.ReferenceStyle, at most a second old. No query."""
    return frame.current().clinic.reference_style


def stored() -> str:
    """The same, read now: for what is kept. One query."""
    return Clinic.objects.values_list("reference_style", flat=True).get(id=1)


def printed(csl: Csl, style: str | None = None) -> SafeString:
    """The entry of a source in the list, as HTML; in the clinic's style if none is given."""
    return _PRINTERS[style or chosen()](csl)
