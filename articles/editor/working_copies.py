"""What people have typed into an article and not saved, in words."""

from django.utils.translation import gettext as _

from articles.editor.status_text import moment
from articles.models import Article, WorkingCopy


def unsaved(article: Article) -> list[str]:
    """Return a sentence for each person whose changes are not part of the saved version."""
    copies = WorkingCopy.objects.filter(article=article).exclude(saved_at=None)
    return [
        _("%(name)s has unsaved changes of %(moment)s, which are not included.")
        % {"name": copy.person, "moment": moment(copy.saved_at)}
        for copy in copies.select_related("person").order_by("saved_at", "pk")
        if copy.saved_at
    ]
