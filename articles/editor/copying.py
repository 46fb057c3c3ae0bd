"""A draft made from another: the same words under a slug of its own."""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from articles import contributions, permissions
from articles.manuscript import slugs
from articles.models import Article
from articles.review.reviews import ArticleCheck
from clinic.lib.database.locking import locked
from clinic.models import User

# What a copy begins anew; it gets a slug and a title of its own.
OWN = {
    *("id", "feed_id", "menu_below", "menu_order", "preview_serial", "revision"),
    *("submitted_at", "submitted_by"),
}


def duplicate(article: Article, *, by: User, unchanged: ArticleCheck | None = None) -> Article:
    """Return a new draft with the content of the saved one, owned by `by`.

    Whoever had a part in the words has it in the copy, too. Raises PermissionDenied.
    """
    permissions.require(by, "articles.add_article")
    if not permissions.may_write(by, article):
        raise PermissionDenied
    fields = [f for f in Article._meta.concrete_fields if f.name not in OWN]
    with locked(article, unchanged) as fresh:
        copy = Article(**{field.attname: getattr(fresh, field.attname) for field in fields})
        title = _("Copy of %(title)s") % {"title": fresh.title}
        copy.title = title[: Article._meta.get_field("title").max_length]
        copy.slug = slugs.free(article.kind, article.slug)
        copy.owner = by
        copy.save()
        for relation in Article._meta.many_to_many:
            getattr(copy, relation.name).set(getattr(article, relation.name).all())
        for question in article.questions.all():
            question.pk, question.article = None, copy
            question.save(force_insert=True)
        contributions.copy(article, copy)
        contributions.record(copy, by=by)
    return copy
