"""Who may do what with a text. The verbs ask here, so that every road obeys, and superusers too.

`by` None is the operator's act: a command on the server, which asks nobody.
"""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet

from articles import contributions
from articles.models import Article
from clinic.accounts import roles
from clinic.hooks import Rights
from clinic.models import Practitioner, User

_BACKEND = "django.contrib.auth.backends.ModelBackend"
_READ: Rights = {
    "articles.topic": ("view",),
    "articles.edition": ("view",),
    "articles.referencenotice": ("view",),
    "articles.question": roles.ALL,
}
_EDIT: Rights = {
    **_READ,
    "articles.article": (*roles.ALL, "publish"),
    "articles.topic": roles.ALL,
    "articles.reference": roles.ALL,
    "articles.referencenotice": ("view", "add", "change"),
}
# What each role may do with the models of this app.
OF_ROLES: dict[str, Rights] = {
    roles.AUTHOR: {
        **_READ,
        "articles.article": roles.ALL,  # to delete: drafts of their own, see may_delete
        "articles.reference": ("view", "add", "change"),
    },
    roles.REVIEWER: {
        **_READ,
        "articles.article": ("view", "review"),
        "articles.reference": ("view",),
    },
    roles.EDITOR: _EDIT,
    roles.MANAGER: {**_EDIT, "articles.article": (*roles.ALL, "publish", "review")},
}


def require(by: User | None, permission: str) -> None:
    """Raise PermissionDenied unless this person has the permission."""
    if by is not None and not by.has_perm(permission):
        raise PermissionDenied


def practitioner_of(user: User) -> Practitioner | None:
    """Who this member of the staff is on the site, if they are shown or sign there."""
    return Practitioner.objects.filter(user=user).first()


def publishers() -> QuerySet[User]:
    """Return the accounts that may publish."""
    return _with_perm("articles.publish_article")


def reviewers() -> QuerySet[User]:
    """Return the accounts that may sign: with the permission, and a name on the site."""
    return _with_perm("articles.review_article").filter(practitioner__isnull=False)


def writers() -> QuerySet[User]:
    """Return the accounts that may own an article."""
    return _with_perm("articles.change_article")


def _with_perm(permission: str) -> QuerySet[User]:
    return User.objects.with_perm(permission, backend=_BACKEND)


def may_write(user: User, article: Article | None = None) -> bool:
    """Authors write texts of their own, editors all of them. None: a new text."""
    if not user.has_perm("articles.change_article"):
        return False
    if article is None or user.has_perm("articles.publish_article"):
        return True
    is_author = article.author is not None and article.author.user_id == user.pk
    return is_author or article.owner_id == user.pk


def may_delete(user: User, article: Article) -> bool:
    """Return whether this person may delete the article: one that they may write, and that was
    never scheduled, public or signed off."""
    is_draft = not (article.editions.exists() or article.reviews.exists())
    return is_draft and user.has_perm("articles.delete_article") and may_write(user, article)


def may_review(article: Article, reviewer: Practitioner, *, at: datetime) -> bool:
    """Refuse those who had a part in the text: nobody reviews what they wrote."""
    return not contributions.has_part(article, reviewer, at=at)
