"""Whether this installation can serve: asked by whatever watches it."""

from collections.abc import Iterator

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from clinic.lib.database import guards
from clinic.operations import installation_keys


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. Asks nothing else, so a slow database does not restart it."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when the site can do all its work, else 503 with a line for each thing that is wrong."""
    found = list(problems())
    return HttpResponse(
        "".join(f"{line}\n" for line in found or ["ok"]),
        content_type="text/plain; charset=utf-8",
        status=503 if found else 200,
    )


def problems() -> Iterator[str]:
    """What stands in the way, in words that hold no secret: the answer is public."""
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            yield "The database is not up to date."
            return
        if missing := guards.missing(connection):
            yield f"Database guards are missing: {', '.join(missing)}."
        installation_keys.verify()
    except ImproperlyConfigured:
        yield "The keys do not match this database."
    except DatabaseError:
        yield "The database is not responding."
