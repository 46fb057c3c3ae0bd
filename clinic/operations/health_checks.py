"""Whether this installation can serve: asked by whatever watches it."""

from collections.abc import Iterator
from datetime import datetime

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinic.operations import checkup


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. Asks nothing else, so a slow database does not restart it."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when this process can serve and store, else 503 with a line for each thing that is wrong.

    Only reads: that the database can be written to is shown by the worker's heartbeat.
    """
    found = list(problems(timezone.now()))
    return HttpResponse(
        "".join(f"{line}\n" for line in found or ["ok"]),
        content_type="text/plain; charset=utf-8",
        status=503 if found else 200,
    )


def problems(at: datetime) -> Iterator[str]:
    """What stands in the way, in words that hold no secret: the answer is public."""
    try:
        found = list(checkup.database_findings())
        if all(finding.is_ok for finding in found):
            found.append(checkup.worker_finding(at))
    except DatabaseError:
        found = [checkup.no_answer()]
    return (f"{finding.subject}: {finding.fact}." for finding in found if not finding.is_ok)
