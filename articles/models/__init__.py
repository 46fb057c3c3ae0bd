"""Manuscripts, the editions published from them, and what they cite."""

from articles.models.article import Article, Question
from articles.models.edition import Citation, Edition, Rendering
from articles.models.reference import Reference, ReferenceUpload
from articles.models.review import Review
from articles.models.topic import Topic

__all__ = [
    "Article",
    "Citation",
    "Edition",
    "Question",
    "Reference",
    "ReferenceUpload",
    "Rendering",
    "Review",
    "Topic",
]
