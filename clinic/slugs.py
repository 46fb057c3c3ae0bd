"""Rules of the words in addresses."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# First and second words of the addresses in clinic/urls.py; a page or article may not take them.
RESERVED = frozenset(
    {
        *("admin", "articles", "book", "evidence", "feed", "healthz", "locations", "media", "page"),
        *("practitioners", "preview", "r", "readyz", "robots", "search", "services", "sitemap"),
        *("static", "styleguide", "theme", "topics"),
    }
)


def validate_slug_is_free(value: str) -> None:
    """Refuse a slug that is a word of the site's own addresses."""
    if value in RESERVED:
        raise ValidationError(
            _("“%(slug)s” is a word of the site's own addresses. Choose another."),
            code="reserved",
            params={"slug": value},
        )
