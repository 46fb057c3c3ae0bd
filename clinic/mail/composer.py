"""What every mail of the clinic has: its sender, its frame, a form for each kind of reader."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from clinic.lib.fields.visible_text import visible_line
from clinic.models import Clinic


def write(
    name: str,
    subject: str,
    to: str | Sequence[str],
    context: Mapping[str, Any],
    *,
    html: bool = True,
) -> EmailMultiAlternatives:
    """A mail from `mail/<name>.txt` and, with `html`, the same as `mail/<name>.html`.

    The templates are given the clinic and the subject as well. With an empty `to` the outbox sends
    nothing. Several addresses see each other: of colleagues only.
    """
    clinic = Clinic.objects.get(id=1)
    values = {**context, "clinic": clinic, "subject": subject}
    # Fit for a header: no line ends, no quotes.
    sender = " ".join(clinic.name.replace('"', "").replace("\\", "").split())
    mail = EmailMultiAlternatives(
        visible_line(subject),
        render_to_string(f"mail/{name}.txt", values),
        f'"{sender}" <{clinic.email or settings.DEFAULT_FROM_EMAIL}>',
        [to] if isinstance(to, str) else list(to),
    )
    if html:
        mail.attach_alternative(render_to_string(f"mail/{name}.html", values), "text/html")
    return mail
