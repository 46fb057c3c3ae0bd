"""Under /book/: the form, and the patient's own page."""

from django.urls import path

from bookings.intake import views
from bookings.patient import page

app_name = "bookings"

urlpatterns = [
    path("", views.book, name="book"),
    path("r/<str:token>/", page.request_page, name="request"),
    path("r/<str:token>/visit.ics", page.visit_entry, name="visit"),
]
