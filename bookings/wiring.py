"""What bookings connects when it starts."""

from datetime import timedelta

from clinic import registry
from clinic.lib import guards


def connect() -> None:
    """Called once, when Django has loaded all apps."""
    from bookings import arrivals, clock, demo, desk, filling, handing_over, messages, retention

    guards.register(guards.NoOverlap("bookings_offer", "practitioner_id", "starts_at", "ends_at"))
    registry.message_kinds.update(messages.KINDS)
    registry.duties += [
        registry.Duty("release offered times", timedelta(minutes=5), clock.expire),
        registry.Duty("close past visits", timedelta(hours=1), clock.close_past_visits),
        registry.Duty("close unanswered spam", timedelta(hours=6), clock.close_suspected),
        registry.Duty("cut links to articles", timedelta(hours=6), arrivals.cut_links),
        registry.Duty("purge enquiries", timedelta(hours=6), retention.purge),
    ]
    registry.desk_counts["bookings.enquiry"] = desk.waiting
    registry.desk_panels += [desk.own_mail_panel, desk.panel, desk.erasure_panel]
    registry.demos.append(registry.Demo(30, demo.load, demo.remove, demo.is_empty))
    registry.hand_overs += handing_over.HAND_OVERS
    registry.fillers.append(registry.Filler(30, "enquiries", filling.add_enquiries))
