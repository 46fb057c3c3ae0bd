"""What bookings connects when it starts."""

from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from clinic import hooks
from clinic.accounts import roles
from clinic.lib.database import guards
from clinic.lib.fields import reserved_slugs
from clinic.lib.web import link_masking

_RECEIVE: hooks.Rights = {
    "bookings.enquiry": ("view", "add", "change"),
    "bookings.offer": ("view", "add", "change"),
    "bookings.answertemplate": roles.ALL,
}
_COUNT: hooks.Rights = {"bookings.tally": ("view",)}
# What each role may do with the models of this app.
PERMISSIONS: dict[str, hooks.Rights] = {
    roles.EDITOR: _COUNT,
    roles.RECEPTIONIST: {**_RECEIVE, "bookings.roster": ("view",)},
    roles.PRACTITIONER: {"bookings.enquiry": ("view_given",), "bookings.roster": ("view_own",)},
    roles.MANAGER: {
        **_RECEIVE,
        **_COUNT,
        "bookings.enquiry": (*roles.ALL, "export"),
        "bookings.roster": roles.ALL,
    },
}
# Hours alone: reasons for days off are nobody's past.
KEPT = {
    "bookings.roster": hooks.Kept(
        ("buffer_minutes", "notice_hours", "horizon_weeks", "most_first"),
        {
            "hours": (
                *("weekday", "starts", "ends", "break_starts", "break_ends", "location"),
                *("first_on", "last_on"),
            )
        },
    )
}
NAVIGATION = [
    hooks.NavigationEntry("patients", 10, _("Requests"), "bookings.enquiry"),
    hooks.NavigationEntry("patients", 15, _("Calendar"), "bookings.enquiry", page="calendar"),
    hooks.NavigationEntry("patients", 20, _("Reply templates"), "bookings.answertemplate"),
    hooks.NavigationEntry("clinic", 15, _("Schedules"), "bookings.roster"),
    hooks.NavigationEntry("writing", 60, _("Requests by article"), "bookings.tally"),
]


# What takes data of patients out or erases it, and what shows the address of a calendar feed.
CONFIRMED_FIRST = {
    "admin:bookings_enquiry_export": "",
    "admin:bookings_enquiry_person": "",
    "admin:bookings_enquiry_erase_person": "",
    "admin:bookings_enquiry_delete": "",
    "admin:bookings_roster_calendar": "make",
}


def connect() -> None:
    """Called once, when Django has loaded all apps."""
    from bookings import dashboard, demo, figures, sample_data, sample_rosters
    from bookings.calendars import polling
    from bookings.intake import opening
    from bookings.patient import messages
    from bookings.privacy import attribution, retention, unfinished
    from bookings.workflow import duties, handover, wall_times

    guards.register(
        guards.NoOverlap("bookings_offer", "practitioner_id", "starts_at", "ends_at"),
        guards.NoOverlap(
            "bookings_workinghours",
            "roster_id",
            "starts",
            "ends",
            where="TRUE",
            week=guards.Week("weekday", "first_on", "last_on"),
        ),
    )
    reserved_slugs.reserve("book", "r", "c")
    link_masking.protect("/book/r/")
    link_masking.protect("/book/c/")
    private = ("/book/r/", "/book/c/", "/book/?")
    hooks.private_paths.append(hooks.PrivatePath("/book", private, has_forms=True))
    hooks.needed_tables.add("bookings_offer")
    hooks.kept |= KEPT
    hooks.permit(PERMISSIONS)
    hooks.patient_permissions.append(_shows_patients)
    hooks.navigation += NAVIGATION
    hooks.confirmed_first |= CONFIRMED_FIRST
    hooks.message_kinds.update(messages.KINDS)
    hooks.outgoing |= dashboard.outgoing()
    hooks.booking.is_open = opening.is_open
    hooks.booking.form = lambda: reverse("bookings:book")
    hooks.fixed_pages[20] = _booking_page
    hooks.duties += [
        hooks.Duty(
            "keep the wall times of visits",
            timedelta(minutes=10),
            wall_times.keep_visits,
            at_once=True,
        ),
        hooks.Duty("release offered times", timedelta(minutes=5), duties.expire),
        hooks.Duty("read calendars", timedelta(minutes=1), polling.read_due),
        hooks.Duty("close past visits", timedelta(hours=1), duties.close_past_visits),
        hooks.Duty("close unanswered spam", timedelta(hours=6), duties.close_suspected),
        hooks.Duty("cut links to articles", timedelta(hours=6), attribution.cut_links),
        hooks.Duty("ask about idle requests", timedelta(hours=6), unfinished.ask),
        hooks.Duty("close idle requests", timedelta(hours=6), unfinished.end),
        hooks.Duty("purge enquiries", timedelta(hours=6), retention.purge),
    ]
    hooks.desk_counts["bookings.enquiry"] = dashboard.waiting
    hooks.desk_panels += [
        dashboard.own_mail_panel,
        dashboard.panel,
        dashboard.erasure_panel,
        dashboard.calendar_panel,
        wall_times.panel,
    ]
    hooks.reports += [figures.ways, figures.rate, figures.answer_times]
    hooks.demos.append(hooks.Demo(30, demo.load, demo.remove, demo.is_empty))
    hooks.hand_overs += handover.HAND_OVERS
    hooks.leaver_panels += [dashboard.leaver_panel, dashboard.leaver_roster_panel]
    hooks.practitioner_links.append(dashboard.roster_link)
    hooks.fillers += [
        hooks.Filler(30, "enquiries", sample_data.add_enquiries),
        hooks.Filler(40, "rosters", sample_rosters.add_rosters),
    ]


def _shows_patients(permission: str) -> bool:
    """Numbers of requests and rosters do not: they name no patient."""
    app, _dot, verb = permission.partition(".")
    return app == "bookings" and not verb.endswith(("_tally", "_roster"))


def _booking_page() -> hooks.FixedPage:
    from bookings.intake import opening

    said = _t("Tell us what hurts and when you can come.")
    return hooks.FixedPage(
        hooks.SearchText(
            reverse("bookings:book"),
            _t("Request an appointment"),
            (hooks.Passage("", "", said),),
            _t("book booking online make an appointment visit reschedule"),
        ),
        opening.is_open,
    )
