"""What the editor requests beside the admin: previews, rendered text, image uploads.

The two views of markdownx are open to everyone and trust their input; these replace them, under
the same names.
"""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import IO, Any, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from articles.editor import status_text, unsaved
from articles.editor.previews import TEMPLATES, LinkIsOver, preview_context, shared_article
from articles.manuscript import checks
from articles.manuscript.rendering import Composition, Issue, Text, compose
from articles.models import Article, Edition, Invitation, Rendering
from articles.public.article_page import Filler
from articles.review import invitation_views, invitations
from clinic import pictures
from clinic.accounts.staff_accounts import user_of
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
    status_text.count_changes([article], at=at)
    desk = reverse("admin:articles_article_change", args=[article.pk])
    return _preview(request, article, {"state": status_text.words(article, at=at), "desk": desk})


@require_http_methods(["GET", "HEAD", "POST"])
def shared_preview(request: HttpRequest, token: str) -> HttpResponse:
    """The same for anyone with the link, for some days; afterwards it says that it has expired. The
    link of an invitation takes its practitioner's answer, too; GET changes nothing."""
    invitation = invitations.find(token)
    if invitation is not None:
        if not invitations.is_open(invitation, at=timezone.now()):
            return _over(request, invitation)
        form = invitation_views.form_of(request, invitation)
        done = invitation_views.act(request, invitation, form) if request.method == "POST" else None
        extra = invitation_views.context_of(request, invitation, form)
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
    """Mark a response as not cached, not indexed, and sending no referrer."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@staff_with("articles.view_article")
@require_safe
def preview_frame(request: HttpRequest) -> HttpResponse:
    """The page into which the editor writes what `preview_page` answers."""
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
        return _too_long()
    at = timezone.now()
    text = Text("", "", (), content.replace("\r\n", "\n"), ())
    composition = compose(text, at=at)
    nowhere = Edition(kind="article", slug="preview")
    rendering = composition.rendering(nowhere, at=at)
    html = Filler(nowhere, rendering, at).fill(rendering.html, rendering.marks)
    if "application/json" not in request.headers.get("Accept", ""):
        return HttpResponse(html)
    found = checks.all_issues(text, composition, checks.Subject())
    return JsonResponse({"html": html, **_told(composition, rendering, found)})


@staff_with("articles.view_article")
@require_POST
def preview_page(request: HttpRequest) -> HttpResponse:
    """Answer with the whole page that the fields of an article's form would make (JSON `html`), and
    with its problems and length as `markdownify`. Nothing is saved."""
    at = timezone.now()
    text = unsaved.text_of(request.POST)
    if sum(map(len, text.written)) > LONGEST_TEXT:
        return _too_long()
    context, composition = unsaved.context_of(request.POST, text, at=at)
    template = TEMPLATES[context["edition"].kind]
    html = render_to_string(template, context | {"unsaved": True}, request)
    found = checks.all_issues(text, composition, checks.Subject())
    return _unseen(JsonResponse({"html": html, **_told(composition, context["rendering"], found)}))


def _told(
    composition: Composition, rendering: Rendering, issues: Iterable[Issue]
) -> dict[str, Any]:
    """What the editor shows beside a preview. Lines are those of the text itself."""
    return {
        "problems": [
            {
                "line": issue.line if issue.where == "body" else 0,
                "message": issue.message,
                "must": issue.must,
                "grade": issue.grade.value,
            }
            for issue in issues
        ],
        "words": composition.words,
        "minutes": rendering.reading_minutes,
    }


def _too_long() -> HttpResponse:
    return HttpResponse(
        _("This article is too long to preview. Split it into two articles."),
        status=400,
        content_type="text/plain; charset=utf-8",
    )


@staff_with("clinic.add_image")
@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Take a picture in (POST `image`, and `alt` if it is known). Answers with the line to put
    into the text; the same picture twice is one row. Bad bytes: 400 and why."""
    sent = request.FILES.get("image")
    if sent is None:
        return JsonResponse({"error": _("No image was uploaded.")}, status=400)
    alt = " ".join(request.POST.get("alt", "").replace("\0", "").split())[:250]
    try:
        image = pictures.add(cast(IO[bytes], sent), alt=alt, by=user_of(request))
    except Refused as refusal:
        return JsonResponse({"error": str(refusal)}, status=400)
    address = image.address
    shown = (alt or image.alt).replace("[", "(").replace("]", ")")
    return JsonResponse(
        {
            "image_code": f"![{shown}]({address})",
            "image_path": address,
            "alt": shown,
            "needs_alt": not shown,
        }
    )
