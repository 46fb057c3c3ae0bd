"""The class of every field: what mails, lists, logs and exports may carry.

contact: who the patient is and how to reach them. scheduling: when, where, with whom, and what
names the request. health: what tells of a body, and every free text of a patient; the service
and the article that the patient came from belong here too. staff: the clinic's own work.
"""

CONTACT, SCHEDULING, HEALTH, STAFF = "contact", "scheduling", "health", "staff"

FIELD_CLASSES: dict[str, dict[str, str]] = {
    "Enquiry": {
        "id": STAFF,
        "number": SCHEDULING,
        "form_key": STAFF,
        "digest": HEALTH,
        "source": STAFF,
        "service": HEALTH,
        "practitioner": SCHEDULING,
        "location": SCHEDULING,
        "days": SCHEDULING,
        "parts": SCHEDULING,
        "soonest": SCHEDULING,
        "wishes": SCHEDULING,
        "moves": SCHEDULING,
        "returning": SCHEDULING,
        "name": CONTACT,
        "email": CONTACT,
        "phone": CONTACT,
        "contact_by": CONTACT,
        "language": CONTACT,
        "for_whom": HEALTH,
        "child_name": CONTACT,
        "child_age": HEALTH,
        "message": HEALTH,
        "access_needs": HEALTH,
        "came_from": HEALTH,
        "came_from_place": HEALTH,
        "privacy_edition": STAFF,
        "state": SCHEDULING,
        "state_since": SCHEDULING,
        "suspected": STAFF,
        "close_reason": STAFF,
        "given_to": STAFF,
        "link_serial": STAFF,
        "link_since": STAFF,
        "answer_by": SCHEDULING,
        "created_at": SCHEDULING,
        "first_seen_at": STAFF,
        "closed_at": STAFF,
        "previous": STAFF,
    },
    "AnswerTemplate": {"id": STAFF, "title": STAFF, "text": STAFF},
    "Event": {
        "id": STAFF,
        "enquiry": STAFF,
        "kind": STAFF,
        "at": STAFF,
        "by": STAFF,
        "by_name": STAFF,
        "text": HEALTH,
        "data": STAFF,
        "once": STAFF,
    },
    "Offer": {
        "id": STAFF,
        "enquiry": STAFF,
        "practitioner": SCHEDULING,
        "location": SCHEDULING,
        "starts_at": SCHEDULING,
        "ends_at": SCHEDULING,
        "starts_agreed": SCHEDULING,
        "state": SCHEDULING,
        "held_until": SCHEDULING,
        "released_at": STAFF,
        "created_at": STAFF,
        "uid": SCHEDULING,
        "sequence": SCHEDULING,
    },
    # Numbers without a person.
    "Tally": {"id": STAFF, "edition": STAFF, "month": STAFF, "requests": STAFF, "accepted": STAFF},
    "Roster": dict.fromkeys(
        (
            *("id", "practitioner", "buffer_minutes", "notice_hours", "horizon_weeks"),
            "most_first",
        ),
        STAFF,
    ),
    "WorkingHours": dict.fromkeys(
        (
            *("id", "roster", "weekday", "starts", "ends", "break_starts", "break_ends"),
            *("location", "first_on", "last_on"),
        ),
        STAFF,
    ),
    # The address is a secret; no health is known of a calendar.
    "PractitionerCalendar": {
        **dict.fromkeys(("id", "practitioner", "entered_at", "read_at"), STAFF),
        "address": HEALTH,
        **dict.fromkeys(("etag", "last_modified", "spans", "known_until"), STAFF),
        **dict.fromkeys(("problem", "tries", "next_at"), STAFF),
        **dict.fromkeys(("tentative_is_free", "declined_is_busy"), STAFF),
    },
    "CalendarFeed": dict.fromkeys(("id", "practitioner", "key", "made_at"), STAFF),
    "DayOff": dict.fromkeys(("id", "roster", "starts_on", "ends_on", "reason"), STAFF),
}
