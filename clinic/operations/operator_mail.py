"""Email to the person who runs the server, at OPERATOR_EMAIL: alarms, and reports of errors.

It is sent at once and not queued, because the database may be what is wrong. No personal data is in
it.
"""

import logging
import smtplib

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import DatabaseError

from clinic.models import Clinic

logger = logging.getLogger(__name__)


def send(subject: str, text: str) -> bool:
    """Send a message to the operator, if there is an address; returns whether it was sent."""
    if not settings.OPERATOR_EMAIL:
        return False
    mail = EmailMessage(subject, text, sender(), [settings.OPERATOR_EMAIL])
    try:
        mail.send()
    except (OSError, smtplib.SMTPException) as error:
        logger.warning("An email to the operator was not sent (%s).", type(error).__name__)
        return False
    return True


def sender() -> str:
    """Return the clinic's own address, from which the mail server accepts email."""
    try:
        address = Clinic.objects.values_list("email", flat=True).filter(id=1).first()
    except DatabaseError:
        address = None
    return address or settings.DEFAULT_FROM_EMAIL
