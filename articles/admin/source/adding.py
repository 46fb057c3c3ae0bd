"""Adding a source at the desk: what was pasted becomes a filled-in form, and its printed line."""

import copy
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from articles.admin.source import fields as source_fields
from articles.admin.source.form import CslField
from articles.references import styles
from articles.references.new_source import Found, find_out
from clinic.lib.fields.visible_text import VisibleCharField
from clinic.models import Clinic


def filled(request: HttpRequest) -> tuple[HttpRequest, Found]:
    """Return a request for the form, filled in with what was pasted, and what that was found to be.

    Nothing is saved, and no transaction is open while the registries are asked.
    """
    if not request.user.has_perm("articles.add_reference"):
        raise PermissionDenied
    text = request.POST.get("paste", "")
    if text.replace("\0", "").strip():
        found = find_out(text.replace("\0", ""), at=timezone.now())
    else:
        found = Found({"type": "article-journal"}, notes=[_("Paste something first.")])
    shown: Any = copy.copy(request)
    shown.method = "GET"
    shown.found = found
    return shown, found


class LineForm(source_fields.SourceFields):
    """The fields that the printed line is made of."""

    csl = CslField(required=False)
    source_type = VisibleCharField(required=False, max_length=40)

    def source(self) -> dict[str, Any]:
        """Return the source as far as its fields are right."""
        self.full_clean()
        csl = self.cleaned_data.get("csl")
        typed = [name for name in source_fields.ORDER if name in self.cleaned_data]
        base = csl if isinstance(csl, dict) else {}
        return source_fields.written_into(base, self.cleaned_data, typed)


@require_POST
def printed_view(request: HttpRequest) -> HttpResponse:
    """The line that the fields of the form print, in the clinic's style, as `{"line": …}`."""
    if not request.user.has_perm("articles.view_reference"):
        raise PermissionDenied
    style = styles.nlm if styles.chosen() == Clinic.ReferenceStyle.NLM else styles.ama
    return JsonResponse({"line": style.full_entry(LineForm(request.POST).source())})
