"""Under /book/: the form, the patient's own page, and feeds for practitioners' calendars."""

from django.urls import path

from bookings.calendars import feed_views
from bookings.intake import views
from bookings.patient import page

app_name = "bookings"

urlpatterns = [
    path("", views.book, name="book"),
    path("r/<str:token>/", page.request_page, name="request"),
    path("r/<str:token>/visit.ics", page.visit_entry, name="visit"),
    path("c/<str:token>.ics", feed_views.appointments, name="feed"),
]
