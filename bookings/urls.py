"""Under /book/: the form, and the patient's own page."""

from django.urls import path

from bookings import private, views

app_name = "bookings"

urlpatterns = [
    path("", views.book, name="book"),
    path("r/<str:token>/", private.request_page, name="request"),
    path("r/<str:token>/visit.ics", private.visit_entry, name="visit"),
]
