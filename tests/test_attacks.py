"""What attackers of websites try, and the test that fails without the defence.

What is tried                                  Test
-------------                                  ----
Headers that move the site, name a person      test_served.py::test_no_header_opens_the_desk_to_a_password_alone
A host that is not ours                        clinic/test_wsgi.py::test_a_host_that_is_not_ours_is_refused
A page stored for others with my header        test_served.py::test_no_header_changes_a_page_for_everybody
A page stored for others with my query         clinic/lib/test_pagestore.py::test_only_declared_query_names_make_another_page
A private page stored under an odd address     test_attacks.py::test_no_private_page_is_stored_under_an_odd_address
A method that no view expects, an override     clinic/lib/test_gateway.py::test_a_method_that_no_page_has
A form sent from another site                  test_attacks.py::test_no_form_is_taken_from_another_site
A page read or framed by another site          clinic/test_wsgi.py::test_every_kind_of_answer_says_what_browsers_may_do_with_it
A link of ours that leads to another site      test_attacks.py::test_no_address_leads_to_another_site
A link of staff that runs a script             clinic/admin/test_links_of_staff.py::test_links_that_run_or_hide_where_they_go_are_refused
SVG and HTML as an image                       clinic/lib/test_images.py::test_what_is_no_picture_of_ours_is_refused
A script in or behind an image                 clinic/lib/test_images.py::test_metadata_does_not_come_out
An image of too many pixels                    clinic/lib/test_images.py::test_too_many_pixels_are_refused_before_decoding
XML with entities (WordPress)                  articles/importers/test_wordpress_exports.py::test_what_cannot_be_read_changes_nothing
XML with entities (sources)                    articles/references/test_bibliography_hostile.py::test_entities_in_xml_are_refused
A zip file that fills the disk                 articles/importers/test_moving_hostile.py::test_pictures_fill_no_disk
A file outside the folder of an import         articles/importers/test_portable_problems.py::test_a_link_cannot_lead_out_of_the_folder
YAML that contains itself                      articles/importers/test_portable_problems.py::test_front_matter
BibTeX without end                             articles/references/test_bibliography_hostile.py::test_hostile_bibtex_is_told_of
JSON nested deeply                             test_never_500.py::test_deep_nesting_is_no_reference
A formula in a list for spreadsheets           clinic/lib/test_cells.py::test_no_part_of_a_cell_is_a_formula
A line of a name as a line of a calendar file  test_attacks.py::test_no_name_adds_a_line_to_a_calendar_file
A line of a name as a header of an email       test_attacks.py::test_no_name_adds_a_header_to_an_email
The secret of one address at another           test_access.py::test_a_secret_in_an_address_opens_nothing_else
"""  # noqa: E501

import re
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from icalendar import Calendar

from bookings.calendars import feed
from bookings.models import CalendarFeed
from bookings.patient import calendar_files
from clinic.mail import outbox
from clinic.models import Message
from clinic.site import page_context
from tests.test_endpoints import (
    BY_LINK,
    FORMS,
    MODEL_BACKEND,
    STAFF,
    address,
    site,
)
from tests.whole_site import WholeSite

__all__ = ["site"]  # the fixture

TESTS = Path(__file__).parent
# Whatever some program takes for the end of a line, each in one name.
LINE_ENDS = ["\r\n", "\n", "\r", "\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c"]


def test_the_list_names_tests_that_exist() -> None:
    named = re.findall(r"(\S+\.py)::(\w+)", __doc__ or "")
    assert len(named) == 24
    for file, function in named:
        assert f"def {function}(" in (TESTS / file).read_text(encoding="utf-8"), function


@pytest.fixture
def manager(make_user: Any) -> Client:
    client = Client()
    client.force_login(make_user("Manager"), MODEL_BACKEND)
    return client


# -- stored pages ---------------------------------------------------------------------------------

# As if it were a file, which stores before this site may keep: Omer Gil, "Web cache deception".
ODD_ENDS = ["x.css", ".js", ";x.css", "/x.css", "%2Fx.css", "%00.css", "%0A.css", "?x.css", "/.."]


def test_no_private_page_is_stored_under_an_odd_address(site: WholeSite, manager: Client) -> None:
    private = [address(name, site) for name in sorted(BY_LINK | FORMS)]
    private += ["/admin/", f"/admin/bookings/enquiry/{site.enquiry.pk}/change/"]
    kept = {}
    for path in private:
        for end in ["", *ODD_ENDS]:
            answer = manager.get(path + end)
            is_private = "Margaret" in answer.content.decode() or answer.status_code == 200
            caching = answer.headers.get("Cache-Control", "")
            if is_private and ("X-Store" in answer or not re.search("no-store|private", caching)):
                kept[path + end] = caching
    assert kept == {}


# -- forms and links of other sites ---------------------------------------------------------------


def test_no_form_is_taken_from_another_site(site: WholeSite, make_user: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user("Manager"), MODEL_BACKEND)
    elsewhere = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    taken = {}
    for name in sorted(STAFF | FORMS):
        answer = client.post(address(name, site), {"do": "note"}, headers=elsewhere)
        # 422: a report about an article, which must be complete before it is asked where from.
        if answer.status_code != (422 if name == "articles:feedback" else 403):
            taken[name] = answer.status_code
        assert "Access-Control-Allow-Origin" not in answer.headers, name
    assert taken == {}


EVIL = "evil.example"
ELSEWHERE = [f"https://{EVIL}/", f"//{EVIL}", f"/\\{EVIL}", f"https:{EVIL}", f"\t//{EVIL}"]
WHERE_TO = ["next", "url", "to", "return", "redirect_to", "came_from", "_changelist_filters"]
SIGNING_IN = [f"/admin/{name}/" for name in ("logout", "second-factor", "second-factor/code")]


def test_no_address_leads_to_another_site(site: WholeSite, make_user: Any) -> None:
    user = make_user("Manager")
    user.set_password("a-long-password")
    user.save()
    led = {}
    for where in ELSEWHERE:
        asked = dict.fromkeys(WHERE_TO, where)
        given = {"username": user.username, "password": "a-long-password", **asked}
        for path in ["/admin/login/", *SIGNING_IN]:
            client = Client()
            if path != "/admin/login/":
                client.force_login(user, MODEL_BACKEND)
            for answer in (client.get(path, asked), client.post(path, given)):
                target = answer.headers.get("Location", "")
                if urlsplit(target).netloc or EVIL in target.partition("?")[0]:
                    led[path, where] = target
    for path in (f"//{EVIL}/..", f"//{EVIL}", f"/\\{EVIL}", f"//{EVIL}/admin", f"/admin//{EVIL}"):
        target = Client().get(path).headers.get("Location", "")
        if target.startswith(("//", "/\\")) or EVIL in urlsplit(target).netloc:
            led[path, path] = target
    assert led == {}


# -- names that hold a line -----------------------------------------------------------------------


def put(table: str, **values: str) -> None:
    """Write past the fields of the models, which take no line ends: as an old row, or by hand."""
    columns = ", ".join(f"{column} = %s" for column in values)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {columns}", list(values.values()))
    page_context.forget()


def test_no_name_adds_a_line_to_a_calendar_file(site: WholeSite) -> None:
    name = "".join(f"A{end}X-A:b" for end in LINE_ENDS)
    put("clinic_clinic", name=name)
    put("clinic_location", name=name, street=name, city=name)
    offer = site.enquiry.offers.get()
    text = calendar_files.entry(offer, attendee="m@patients.example", at=offer.created_at)
    [event] = Calendar.from_ical(text).walk("VEVENT")
    assert "X-A" not in event
    known = feed.text(CalendarFeed.objects.get(), at=offer.created_at)
    assert "X-A" in text
    assert "X-A" in known
    assert [line for line in (text + known).splitlines() if line.startswith("X-A")] == []


def test_no_name_adds_a_header_to_an_email(site: WholeSite) -> None:
    name = "".join(f"{end}Bcc:a@b" for end in LINE_ENDS) + "A"
    put("clinic_clinic", name=name)
    put("bookings_enquiry", name=name)
    messages = list(Message.objects.all())
    assert messages
    for message in messages:
        mail = outbox.compose(message, at=message.created_at)
        if mail is None:
            continue
        read = message_from_bytes(mail.message().as_bytes(), policy=policy.default)
        assert read["Bcc"] is None
        assert len(read["From"].addresses) == 1
        assert "a@b" not in str(read["To"])
