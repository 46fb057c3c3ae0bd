"""Manuscripts, the editions published from them, and what they cite."""

from articles.models.article import Article, Question
from articles.models.edition import Citation, Edition, Rendering
from articles.models.moved import Moved
from articles.models.notice import ReferenceNotice
from articles.models.reference import Reference, ReferenceUpload
from articles.models.review import Invitation, Remark, Review
from articles.models.topic import Topic
from articles.models.working_copy import WorkingCopy

__all__ = [
    "Article",
    "Citation",
    "Edition",
    "Invitation",
    "Moved",
    "Question",
    "Reference",
    "ReferenceNotice",
    "ReferenceUpload",
    "Remark",
    "Rendering",
    "Review",
    "Topic",
    "WorkingCopy",
]
