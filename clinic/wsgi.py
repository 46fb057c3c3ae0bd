"""What the web server runs: static files, uploaded pictures, stored pages, and last Django.

Before them all, the gateway refuses requests that come in part or under another path. Static files
and pictures come before the pages because they need neither the content version nor a check of the
host; for a page they cost two look-ups of its path.
"""

import atexit
import logging
import os
from collections.abc import Mapping
from datetime import datetime
from wsgiref.headers import Headers

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.core.files.storage import default_storage
from django.core.wsgi import get_wsgi_application
from django.db import DatabaseError, close_old_connections, connection
from whitenoise import WhiteNoise

from clinic.lib import file_modes
from clinic.lib.web.counting import Tally
from clinic.lib.web.gateway import Gateway
from clinic.lib.web.media import Media
from clinic.lib.web.pagestore import PageStore

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")

logger = logging.getLogger(__name__)

HASHED_NAME = r"\.[0-9a-f]{12}\.[a-z0-9]+$"  # of ManifestStaticFilesStorage


def protect(headers: Headers, path: str, url: str) -> None:
    """Add to the headers of a static file what browsers may do with it."""
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"


def content_version() -> str | None:
    """The content version, None where the database cannot tell. For use outside a request."""
    from clinic.site.page_context import read_version  # models: importable once Django is set up

    close_old_connections()
    try:
        return read_version()
    except (DatabaseError, ObjectDoesNotExist) as error:
        logger.error("Pages are not cached: the content version could not be read: %s", error)
        return None
    finally:
        close_old_connections()


def write_counts(numbers: Mapping[str, int], since: datetime) -> None:
    """Add what this process counted to the numbers of its day. Raises django.db.Error."""
    from clinic.counting import daily

    close_old_connections()
    try:
        daily.add(numbers, since)
    finally:
        connection.close()  # of a thread that ends


for path in file_modes.tighten(settings.DATA_DIR, settings.DATABASES["default"]):
    logger.warning("Other users can read %s: its mode could not be changed.", path)

tally = Tally(write_counts)
atexit.register(tally.close)
os.register_at_fork(after_in_child=tally.begin_anew)
pages = PageStore(
    get_wsgi_application(),
    version=content_version,
    allowed_hosts=settings.ALLOWED_HOSTS,
    proxy_header=settings.SECURE_PROXY_SSL_HEADER,
    count=tally.see,
)
media = Media(pages, prefix=settings.MEDIA_URL, open_file=default_storage.open)
files = WhiteNoise(
    media,
    root=settings.STATIC_ROOT,
    prefix=settings.STATIC_URL,
    immutable_file_test=HASHED_NAME,
    allow_all_origins=False,
    add_headers_function=protect,
)
application = Gateway(files)
