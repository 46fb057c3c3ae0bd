"""Drafts, the editions published from them, and what they cite.

Everything in articles may call it. It must not know any other package of articles.
"""

from articles.models.article import Article, Question
from articles.models.edition import Citation, Edition, Rendering
from articles.models.mistake import MistakeReport
from articles.models.moved import Moved
from articles.models.notice import ReferenceNotice
from articles.models.reference import Reference, ReferenceUpload
from articles.models.review import Contribution, Invitation, Remark, Review
from articles.models.site_import import SiteImport, SiteImportFile, SiteImportLine
from articles.models.topic import Topic
from articles.models.working_copy import WorkingCopy

__all__ = [
    "Article",
    "Citation",
    "Contribution",
    "Edition",
    "Invitation",
    "MistakeReport",
    "Moved",
    "Question",
    "Reference",
    "ReferenceNotice",
    "ReferenceUpload",
    "Remark",
    "Rendering",
    "Review",
    "SiteImport",
    "SiteImportFile",
    "SiteImportLine",
    "Topic",
    "WorkingCopy",
]
