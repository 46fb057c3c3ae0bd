"""The articles' part of the admin: lists, forms and actions.

The admin site and templates call it. It must not know the public views.
"""

from articles.admin.article import ArticleAdmin
from articles.admin.edition import EditionAdmin
from articles.admin.notice import NoticeAdmin
from articles.admin.reference import ReferenceAdmin
from articles.admin.topic import TopicAdmin

__all__ = ["ArticleAdmin", "EditionAdmin", "NoticeAdmin", "ReferenceAdmin", "TopicAdmin"]
