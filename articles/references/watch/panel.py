"""The open tasks of the watch on the staff's first page."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from articles.models import ReferenceNotice
from clinic.hooks import DeskPanel, PanelRow

MOST_ROWS = 5


def notice_panel(request: HttpRequest) -> DeskPanel | None:
    """Sources that were corrected or taken back, the newest first; nothing where all is seen to."""
    if not request.user.has_perm("articles.change_referencenotice"):
        return None
    notices = ReferenceNotice.objects.open().select_related("reference").defer("reference__csl")
    rows = [
        PanelRow(
            notice.reference.title or notice.reference.key,
            notice.get_kind_display(),
            reverse("admin:articles_referencenotice_change", args=[notice.pk]),
            urgent=True,
        )
        for notice in notices[:MOST_ROWS]
    ]
    return DeskPanel(order=45, title=_("Sources with notices"), rows=rows) if rows else None
