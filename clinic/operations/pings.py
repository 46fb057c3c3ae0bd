"""Pings to a service that raises an alarm when they stop coming, or say that something failed.

The protocol is that of healthchecks.io, which many services speak: a POST to the address itself
means success, one to `…/fail` failure, and the body says why.
"""

import logging
from collections.abc import Iterable
from datetime import datetime

import httpx
from django.conf import settings

from clinic.operations import checkup
from clinic.operations.checkup import Finding

logger = logging.getLogger(__name__)

SECONDS = 10


def report(at: datetime) -> None:
    """Tell how worker, disk and settings are, and how email is. A duty of the worker."""
    if not any(settings.CHECK_URLS.values()):
        return
    ping("mail", _problems([checkup.mail_finding(at)]))
    ping("worker", _problems([checkup.disk_finding(), *checkup.warnings()]))


def _problems(findings: Iterable[Finding]) -> str:
    return "\n".join(f"{each.subject}: {each.fact}" for each in findings if not each.is_ok)


def ping(name: str, problem: str = "") -> None:
    """Tell the service set for `name` that all is well, or what is not.

    Without an address nothing happens. An error is logged, without the address: it is a secret.
    """
    url = settings.CHECK_URLS[name]
    if not url:
        return
    try:
        httpx.post(
            f"{url}/fail" if problem else url, content=problem, timeout=SECONDS
        ).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        logger.warning("The ping for “%s” failed (%s).", name, type(error).__name__)
