"""What a new clinic must fill in before it opens its doors, and what of it is done."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from clinic import registry
from clinic.models import Clinic, Location, OpeningPeriod, Practitioner, Service
from clinic.registry import SetupTask


def tasks() -> list[SetupTask]:
    """In the order in which they are best done; the apps add theirs at the end."""
    clinic = Clinic.objects.get(id=1)
    details = reverse("admin:clinic_clinic_change", args=[1])
    location = Location.objects.order_by("id").first()
    place = (
        reverse("admin:clinic_location_change", args=[location.pk])
        if location
        else reverse("admin:clinic_location_add")
    )
    return [
        SetupTask(
            _("Name"),
            _("Your name, your country and your time zone."),
            clinic.name not in ("", _("Our clinic")) and clinic.time_zone != "UTC",
            details,
        ),
        SetupTask(
            _("Phone"),
            _("The number that stands on every page, and the emergency numbers."),
            bool(clinic.phone and clinic.emergency_phone),
            details,
        ),
        SetupTask(
            _("First location"),
            _("Street, town and how to find it."),
            location is not None,
            place,
        ),
        SetupTask(
            _("Hours"),
            _("When you are open: promises to patients count open hours only."),
            OpeningPeriod.objects.exists(),
            place,
        ),
        SetupTask(
            _("Mail"),
            _(
                "The address at which new requests are announced. The operator sets EMAIL_URL, "
                "without which the site does not start."
            ),
            bool(clinic.email and settings.EMAIL_IS_SET),
            details,
        ),
        SetupTask(
            _("People and services"),
            _("Who treats, and what: the booking form offers both."),
            Service.objects.exists() and Practitioner.objects.exists(),
            reverse("admin:clinic_service_changelist"),
        ),
        *(find() for find in registry.setup_tasks),
    ]
