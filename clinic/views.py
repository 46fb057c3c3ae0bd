"""Public pages of the clinic itself."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form came back without its cookie: say how to send it again. Nothing typed is logged."""
    return render(request, "403_csrf.html", status=403)
