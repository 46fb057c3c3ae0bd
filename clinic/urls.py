"""The table of contents: every address of the site."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from articles.editor import views as desk
from articles.public import views as reading
from clinic.finding.views import search_page, suggestions
from clinic.operations import health_checks
from clinic.site import views

handler403 = "clinic.site.views.forbidden"
handler404 = "clinic.site.views.not_found"

urlpatterns = [
    # The clinic
    path("", views.home, name="home"),
    path("practitioners/", views.practitioner_list, name="practitioners"),
    path("practitioners/<slug:slug>/", views.practitioner, name="practitioner"),
    path("services/", views.service_list, name="services"),
    path("services/<slug:slug>/", views.service, name="service"),
    path("locations/<slug:slug>/", views.location, name="location"),
    path("contact/", views.contact, name="contact"),
    path("search/", search_page, name="search"),
    path("search/suggestions/", suggestions, name="suggestions"),
    # What is written, and what it rests on
    path("articles/", include("articles.public.urls")),
    path("evidence/", include("articles.public.evidence_urls")),
    # Requests
    path("book/", include("bookings.urls")),
    # For machines
    path("sitemap.xml", views.sitemap, name="sitemap"),
    path("theme-<str:digest>.css", views.theme_css, name="theme"),
    path("robots.txt", views.robots, name="robots"),
    path(".well-known/security.txt", views.security_txt, name="security_txt"),
    path("healthz", health_checks.healthz, name="healthz"),
    path("readyz", health_checks.readyz, name="readyz"),
    # For staff
    path("admin/preview/<int:article_id>/", desk.preview, name="preview"),
    path("preview/<str:token>/", desk.shared_preview, name="shared_preview"),
    path("admin/markdownx/markdownify/", desk.markdownify, name="markdownx_markdownify"),
    path("admin/markdownx/upload/", desk.upload, name="markdownx_upload"),
    path("admin/markdownx/page/", desk.preview_page, name="preview_page"),
    path("admin/markdownx/frame/", desk.preview_frame, name="preview_frame"),
    # The session cookie is sent to /admin/ only.
    path("styleguide/", RedirectView.as_view(url="/admin/styleguide/"), name="styleguide"),
    path("admin/styleguide/", desk.styleguide, name="staff_styleguide"),
    path("admin/", admin.site.urls),
    # Last, because it takes any word: pages that staff wrote
    path("<slug:slug>/", reading.page, name="page"),
]
