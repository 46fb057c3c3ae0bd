"""Addresses under /evidence/."""

from django.urls import path

from articles.public import downloads, views

app_name = "evidence"

urlpatterns = [
    path("", views.evidence_list, name="list"),
    path("<slug:key>/", views.reference, name="reference"),
    path("<slug:key>.<slug:ending>", downloads.reference, name="reference_file"),
]
