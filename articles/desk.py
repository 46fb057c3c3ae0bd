"""What the writing desk asks beside the admin: previews, rendered text, pictures.

markdownx brings its own two views; they are open to everybody and trust what they are told, so
these stand in their place, under their names.
"""

from collections.abc import Callable
from functools import wraps
from typing import IO, Any, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from articles import answers, checks, invitations, states
from articles.citations import picture_address
from articles.drafts import TEMPLATES, LinkIsOver, preview_context, shared_article
from articles.models import Article, Edition, Invitation
from articles.page import Filler
from articles.rendering import Text, compose
from clinic import pictures
from clinic.accounts import user_of
from clinic.lib.images import Refused

LONGEST_TEXT = 200_000  # characters; ten times a long article

View = Callable[..., HttpResponse]


def staff_with(*permissions: str) -> Callable[[View], View]:
    """Let through staff who have one of these permissions; ask others to sign in, or refuse."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            user = request.user
            if not (user.is_authenticated and user.is_active and user.is_staff):
                return redirect_to_login(request.get_full_path(), "/admin/login/")
            if not any(user.has_perm(permission) for permission in permissions):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate


@staff_with("articles.view_article")
@require_safe
def preview(request: HttpRequest, article_id: int) -> HttpResponse:
    """The manuscript in the public template, for staff: where it stands, and the way back."""
    at = timezone.now()
    article = get_object_or_404(Article.objects.with_state(at), pk=article_id)
    states.count_changes([article], at=at)
    desk = reverse("admin:articles_article_change", args=[article.pk])
    return _preview(request, article, {"state": states.words(article, at=at), "desk": desk})


@require_http_methods(["GET", "HEAD", "POST"])
def shared_preview(request: HttpRequest, token: str) -> HttpResponse:
    """The same for whoever holds the link, for some days; afterwards it says that it is over. The
    link of an invitation takes its practitioner's answer, too; GET changes nothing."""
    invitation = invitations.find(token)
    if invitation is not None:
        if not invitations.is_open(invitation, at=timezone.now()):
            return _over(request, invitation)
        form = answers.form_of(request, invitation)
        done = answers.act(request, invitation, form) if request.method == "POST" else None
        extra = answers.context_of(request, invitation, form)
        if done is not None:
            return done
        shown = _preview(request, invitation.article, extra)
        # Its form needs to say where it comes from.
        shown.headers["Referrer-Policy"] = "same-origin"
        return shown
    try:
        article = shared_article(token)
    except LinkIsOver:
        return _over(request, None)
    if article is None:
        raise Http404
    if request.method == "POST":
        return HttpResponseNotAllowed(["GET", "HEAD"])
    return _preview(request, article, {})


def _preview(request: HttpRequest, article: Article, extra: dict[str, Any]) -> HttpResponse:
    context = preview_context(article, at=timezone.now()) | extra
    return _unseen(render(request, TEMPLATES[article.kind], context))  # type: ignore[index]


def _over(request: HttpRequest, invitation: Invitation | None) -> HttpResponse:
    context = {"noindex": True, "invitation": invitation}
    return _unseen(render(request, "articles/link_over.html", context, status=410))


def _unseen(response: HttpResponse) -> HttpResponse:
    """Neither kept nor indexed, and its address is told to nobody."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@staff_with("articles.view_article")
@require_safe
def preview_frame(request: HttpRequest) -> HttpResponse:
    """The page into which the editor writes what `markdownify` answers."""
    return render(request, "admin/articles/frame.html")


@staff_with("articles.view_article", "clinic.view_service", "bookings.view_enquiry")
@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component of the look with its states."""
    return render(request, "styleguide.html", {"noindex": True})


@staff_with("articles.view_article")
@require_POST
def markdownify(request: HttpRequest) -> HttpResponse:
    """The HTML that this text would have on its page (POST `content`). To `Accept:
    application/json` its problems as well, each with its line."""
    content = request.POST.get("content", "").replace("\0", "")
    if len(content) > LONGEST_TEXT:
        return HttpResponse(
            _("This text is too long to be shown. Split it into two articles."),
            status=400,
            content_type="text/plain; charset=utf-8",
        )
    at = timezone.now()
    text = Text("", "", (), content.replace("\r\n", "\n"), ())
    composition = compose(text, at=at)
    nowhere = Edition(kind="article", slug="preview")
    rendering = composition.rendering(nowhere, at=at)
    html = Filler(nowhere, rendering, at).fill(rendering.html, rendering.marks)
    if "application/json" not in request.headers.get("Accept", ""):
        return HttpResponse(html)
    problems = [
        {
            "line": issue.line,
            "message": issue.message,
            "must": issue.must,
            "grade": issue.grade.value,
        }
        for issue in checks.all_issues(text, composition, checks.Subject())
    ]
    length = {"words": composition.words, "minutes": rendering.reading_minutes}
    return JsonResponse({"html": html, "problems": problems, **length})


@staff_with("clinic.add_image")
@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Take a picture in (POST `image`, and `alt` if it is known). Answers with the line to put
    into the text; the same picture twice is one row. Bad bytes: 400 and why."""
    sent = request.FILES.get("image")
    if sent is None:
        return JsonResponse({"error": _("No picture was sent.")}, status=400)
    alt = " ".join(request.POST.get("alt", "").split())[:250]
    try:
        image = pictures.add(cast(IO[bytes], sent), alt=alt, by=user_of(request))
    except Refused as refusal:
        return JsonResponse({"error": str(refusal)}, status=400)
    address = picture_address(image)
    shown = (alt or image.alt).replace("[", "(").replace("]", ")")
    return JsonResponse(
        {
            "image_code": f"![{shown}]({address})",
            "image_path": address,
            "alt": shown,
            "needs_alt": not shown,
        }
    )
