"""A form that could not be taken comes back with what was typed, so that one press sends it.

Either its token was refused (another tab signed in or got a new one) or its sender has been signed
out. Only a browser that says the form came from our own pages gets it back: what another site
posts must not fill in anything here.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

NEVER_SHOWN = "password"  # in the name of a field
LONG = 60  # characters; from here on a text is shown, and can be corrected


def is_from_here(request: HttpRequest) -> bool:
    """Whether the browser says that one of our own pages sent this.

    Sec-Fetch-Site decides where it is sent (all browsers since 2023), Origin otherwise; no page
    can set either (Fetch Standard).
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"


def page(request: HttpRequest, *, is_signed_out: bool = False) -> HttpResponse | None:
    """The page with the form to send again; None where it may not or cannot be given back."""
    if not is_from_here(request) or any(NEVER_SHOWN in name.lower() for name in request.POST):
        return None
    if request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate":
        return None  # a script sent it, and keeps it
    pairs = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken"
    ]
    context = {
        "noindex": True,
        "title": "",
        "is_signed_out": is_signed_out,
        "shown": [pair for pair in pairs if _is_long(pair[1])],
        "hidden": [pair for pair in pairs if not _is_long(pair[1])],
        "files": [file.name for name in request.FILES for file in request.FILES.getlist(name)],
    }
    match = request.resolver_match
    is_desk = bool(match and match.route.startswith("admin/"))
    template = "admin/resend.html" if is_desk else "resend.html"
    return render(request, template, context, status=403)


def _is_long(text: str) -> bool:
    return len(text) > LONG or "\n" in text
