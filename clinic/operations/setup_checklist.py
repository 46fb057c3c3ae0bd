"""What a new clinic must fill in before it opens its doors, and what of it is done."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from clinic import hooks
from clinic.hooks import SetupTask
from clinic.models import Clinic, Location, OpeningPeriod, Practitioner, RedFlag, Service


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
            _("Your clinic’s name, country, time zone and date format."),
            clinic.name not in ("", _("Our clinic")) and clinic.time_zone != "UTC",
            details,
        ),
        SetupTask(
            _("Phone"),
            _("The phone number shown on every page, and the emergency numbers."),
            bool(clinic.phone and clinic.emergency_phone),
            details,
            is_needed=True,
        ),
        SetupTask(
            _("First location"),
            _("Street, city and how to find you."),
            location is not None,
            place,
        ),
        SetupTask(
            _("Hours"),
            _("When you are open: only those hours count toward reply times."),
            OpeningPeriod.objects.exists(),
            place,
        ),
        SetupTask(
            _("Email"),
            _(
                "The address for notifications of new requests. The person who runs your server "
                "must set EMAIL_URL, or the site will not start."
            ),
            bool(clinic.email and settings.EMAIL_IS_SET),
            details,
            is_needed=True,
        ),
        SetupTask(
            _("Practitioners and services"),
            _("Your practitioners and services, which the booking form offers."),
            Service.objects.exists() and Practitioner.objects.exists(),
            reverse("admin:clinic_service_changelist"),
        ),
        SetupTask(
            _("Red flags"),
            _(
                "At least one service that is shown needs red flags: the booking form asks about "
                "them first. When a clinician has reviewed them, enter the date with the service."
            ),
            RedFlag.objects.filter(
                is_public=True,
                services__is_public=True,
                services__red_flags_reviewed_on__isnull=False,
            ).exists(),
            reverse("admin:clinic_redflag_changelist"),
            is_needed=True,
        ),
        *(find() for find in hooks.setup_tasks),
    ]


def missing() -> list[SetupTask]:
    """What the booking form waits for."""
    return [task for task in tasks() if task.is_needed and not task.is_done]
