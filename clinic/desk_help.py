"""Help for staff, shown in the desk: two files of docs, of which there is no second copy."""

from django.conf import settings
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clinic.lib import markdown
from clinic.lib.markdown import Rendered

FILES = [settings.BASE_DIR / "docs" / name for name in ("editing.md", "requests.md")]


def guide() -> Rendered:
    """Render the guides without their titles. Raises OSError where a file is not installed."""
    texts = (file.read_text(encoding="utf-8").partition("\n")[2] for file in FILES)
    return markdown.render("\n".join(texts))


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show the guide, with a list of its sections. Forms link to the sections."""
    try:
        found = guide()
    except OSError:
        raise Http404 from None
    context = admin.site.each_context(request) | {"title": _("Help"), "guide": found}
    return render(request, "admin/help.html", context)
