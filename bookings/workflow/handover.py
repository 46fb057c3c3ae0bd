"""What of a colleague who leaves goes to another: the open requests that were given to them."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from bookings import workflow
from bookings.models import Enquiry
from bookings.models.enquiry import EnquiryQuerySet
from clinic import hooks
from clinic.models import User


def in_hand(user: User) -> EnquiryQuerySet:
    return Enquiry.objects.open().filter(given_to=user).order_by("id")


def receivers() -> QuerySet[User]:
    """The staff to whom a request may be given."""
    backend = "django.contrib.auth.backends.ModelBackend"
    all_of_them = User.objects.with_perm("bookings.view_enquiry", backend=backend)
    given = User.objects.with_perm("bookings.view_given_enquiry", backend=backend)
    return (all_of_them | given).order_by("first_name", "last_name", "username")


def give(user: User, *, to: User | None, by: User, at: datetime) -> int:
    """Give each of them to `to`, with a line in its timeline."""
    enquiries = list(in_hand(user))
    for enquiry in enquiries:
        workflow.assign(enquiry, to=to, by=by, at=at)
    return len(enquiries)


HAND_OVERS = [
    hooks.HandOver(
        "requests",
        _("Open requests assigned to them"),
        lambda user: in_hand(user).count(),
        receivers,
        give,
    )
]
