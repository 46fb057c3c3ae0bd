"""What the web server runs: static files, uploaded pictures, stored pages, and last Django.

Static files and pictures stand in front because they need neither the content version nor a
check of the host; for a page they cost two look-ups of its path.
"""

import logging
import os

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.core.files.storage import default_storage
from django.core.wsgi import get_wsgi_application
from django.db import DatabaseError, close_old_connections
from whitenoise import WhiteNoise

from clinic.lib.media import Media
from clinic.lib.pagestore import PageStore

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")

logger = logging.getLogger(__name__)

HASHED_NAME = r"\.[0-9a-f]{12}\.[a-z0-9]+$"  # of ManifestStaticFilesStorage


def content_version() -> str | None:
    """The content version, None where the database cannot tell. For use outside a request."""
    from clinic.frame import read_version  # models: importable once Django is set up

    close_old_connections()
    try:
        return read_version()
    except (DatabaseError, ObjectDoesNotExist) as error:
        logger.error("Pages are not stored, the content version cannot be read: %s", error)
        return None
    finally:
        close_old_connections()


pages = PageStore(
    get_wsgi_application(),
    version=content_version,
    allowed_hosts=settings.ALLOWED_HOSTS,
    proxy_header=settings.SECURE_PROXY_SSL_HEADER,
)
media = Media(pages, prefix=settings.MEDIA_URL, open_file=default_storage.open)
application = WhiteNoise(
    media,
    root=settings.STATIC_ROOT,
    prefix=settings.STATIC_URL,
    immutable_file_test=HASHED_NAME,
    allow_all_origins=False,
    add_headers_function=lambda headers, path, url: headers.add_header(
        "X-Content-Type-Options", "nosniff"
    ),
)
