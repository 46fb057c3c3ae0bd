"""Rules of the words in addresses."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# First and second words of the addresses in clinic/urls.py; a page or article may not take them.
# Each app adds its own when it starts.
RESERVED = {
    *("admin", "healthz", "locations", "media", "page", "practitioners", "readyz", "robots"),
    *("search", "services", "sitemap", "static", "styleguide", "theme"),
}


def reserve(*words: str) -> None:
    """Keep words of an app's addresses from being used as slugs."""
    RESERVED.update(words)


def validate_slug_is_free(value: str) -> None:
    """Refuse a slug that is a word of the site's own addresses."""
    if value in RESERVED:
        raise ValidationError(
            _("“%(slug)s” is reserved for the site’s own pages. Choose another slug."),
            code="reserved",
            params={"slug": value},
        )
