"""A manuscript as if it were published: for previews, never saved."""

from base64 import b64encode
from datetime import datetime
from typing import Any

from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db.models import F

from articles import permissions
from articles.manuscript.content_hash import HASH_RECIPE, content_hash
from articles.manuscript.rendering import Composition, Text, compose
from articles.models import Article, Edition, Review
from articles.models.choices import Kind
from articles.public.article_page import context_of, place_of
from articles.public.downloads import drawn_for_sharing
from articles.review import reviews
from articles.review.reviews import ArticleCheck
from clinic.lib import markdown
from clinic.lib.database.locking import locked
from clinic.models import User
from clinic.site import page_context, redirects, structured_data

TEMPLATES = {Kind.ARTICLE: "articles/article.html", Kind.PAGE: "articles/page.html"}
SHARED_FOR_DAYS = 14
_signer = signing.TimestampSigner(salt="articles.preview")


class LinkIsOver(Exception):
    """A link that was ours: its days are over, or it was renewed."""


def preview_context(article: Article, *, at: datetime) -> dict[str, Any]:
    """The context of the public template for the manuscript as it is saved."""
    text = Text.of_article(article)
    composition = compose(text, at=at)
    return page_of(
        article,
        text,
        topics=list(article.topics.values("id", "name")),
        services=list(article.services.values("id", "name")),
        related=list(article.related.values_list("pk", flat=True)),
        composition=composition,
        review=reviews.signed(article, at=at, composition=composition),
        at=at,
    )


def page_of(
    article: Article,
    text: Text,
    *,
    topics: list[Any],
    services: list[Any],
    related: list[int],
    composition: Composition,
    review: Review | None = None,
    at: datetime,
) -> dict[str, Any]:
    """Return the context of the public template for these words. The article may be one that
    nobody has saved."""
    edition = Edition(
        article=article if article.pk else None,
        number=0,
        kind=article.kind,
        title=text.title,
        slug=article.slug,
        summary=text.summary,
        takeaways=list(text.takeaways),
        hero=article.hero,
        hero_alt=article.hero.alt if article.hero else "",
        author=article.author,
        author_name=article.author.name if article.author else "",
        topic_list=topics,
        service_list=services,
        related_ids=related,
        certainty=article.certainty,
        content_hash=content_hash(text, article.certainty, composition.cited),
        hash_recipe=HASH_RECIPE,
        goes_live_at=at,
        first_live_at=at,
    )
    if review:
        edition.checked_at = review.signed_at
        edition.check_due_on = review.next_due_on
        edition.checked_by = review.reviewer_name
        edition.checked_by_id = review.reviewer_id
    context = context_of(edition, at=at, rendering=composition.rendering(edition, at=at))
    return {**context, "preview": True, "noindex": True, "issues": composition.issues}


def elsewhere(article: Article) -> dict[str, str]:
    """Return what the saved manuscript looks like outside the site: its `address` and
    `description`, its `title` as a search result, `shared_title` and `picture` (a data: URL) as a
    shared link."""
    png = drawn_for_sharing(article.title, place_of(article.topics.values("id")))
    name = page_context.current().clinic.full_name
    return {
        "title": f"{article.seo_title or article.title} | {name}",
        "description": article.seo_description or markdown.plain_inline(article.summary),
        "address": structured_data.absolute(redirects.path_of(article.kind, article.slug)),
        "shared_title": article.title,
        "picture": f"data:image/png;base64,{b64encode(png).decode()}",
    }


def share_token(article: Article) -> str:
    """A token that opens the preview of this manuscript for SHARED_FOR_DAYS, until it is renewed.

    The database knows only its serial number: a copy of it opens none.
    """
    return _signer.sign_object({"article": article.pk, "serial": article.preview_serial})


def renew_share_link(article: Article, *, by: User, unchanged: ArticleCheck | None = None) -> None:
    """End every link to the preview that was passed on; tokens made from now on open it. Links of
    invitations stay. Raises PermissionDenied."""
    if not permissions.may_write(by, article):
        raise PermissionDenied
    with locked(article, unchanged):
        Article.objects.filter(pk=article.pk).update(preview_serial=F("preview_serial") + 1)


def shared_article(token: str) -> Article | None:
    """The article whose preview a token opens; None if it was made up, or there is none any more.
    Raises LinkIsOver."""
    try:
        shared = _signer.unsign_object(token, max_age=SHARED_FOR_DAYS * 86_400)
    except signing.SignatureExpired as expired:
        raise LinkIsOver from expired
    except signing.BadSignature:
        return None
    article = Article.objects.filter(pk=shared["article"]).first()
    if article and article.preview_serial != shared["serial"]:
        raise LinkIsOver
    return article
