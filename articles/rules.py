"""Who may do what with a text. The verbs ask here, so that every road obeys, and superusers too.

`by` None is the operator's act: a command on the server, which asks nobody.
"""

from django.core.exceptions import PermissionDenied

from articles.models import Article
from clinic.models import Clinic, Practitioner, User


def require(by: User | None, permission: str) -> None:
    """Raise PermissionDenied unless this person has the permission."""
    if by is not None and not by.has_perm(permission):
        raise PermissionDenied


def practitioner_of(user: User) -> Practitioner | None:
    """Who this member of the staff is on the site, if they are shown or sign there."""
    return Practitioner.objects.filter(user=user).first()


def may_write(user: User, article: Article | None = None) -> bool:
    """Authors write texts of their own, editors all of them. None: a new text."""
    if not user.has_perm("articles.change_article"):
        return False
    if article is None or user.has_perm("articles.publish_article"):
        return True
    is_author = article.author is not None and article.author.user_id == user.pk
    return is_author or article.owner_id == user.pk


def is_own(article: Article, reviewer: Practitioner) -> bool:
    """Whether this practitioner wrote the text, or handed it in for review."""
    handed_in = reviewer.user_id is not None and article.submitted_by_id == reviewer.user_id
    return article.author_id == reviewer.pk or handed_in


def may_review(article: Article, reviewer: Practitioner, clinic: Clinic) -> bool:
    """An author does not review their own text, unless the clinic has decided otherwise."""
    return clinic.reviewer_may_be_author or not is_own(article, reviewer)
