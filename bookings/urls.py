"""Under /book/: the form, and the patient's own page."""

from django.urls import path

from bookings import views

app_name = "bookings"

urlpatterns = [
    path("", views.book, name="book"),
    path("r/<str:token>/", views.request_page, name="request"),
]
