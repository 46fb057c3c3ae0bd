"""Dates and times are written as in the clinic's locale: pages, staff pages, emails, calendars."""

import re
from datetime import UTC, datetime
from html import unescape
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.conf import settings
from django.core import mail
from django.test import Client
from django.utils import translation
from django.utils.formats import date_format

from bookings import workflow
from bookings.models import Enquiry
from bookings.patient import private_links
from bookings.workflow import undo
from clinic.mail import outbox
from clinic.models import Clinic
from clinic.site import page_context
from tests import whole_site

pytestmark = pytest.mark.look

BACKEND = "django.contrib.auth.backends.ModelBackend"
ROOT = Path(__file__).parents[1]
NOON = datetime(2027, 9, 2, 12, 5, tzinfo=UTC)
VISIT = datetime(2027, 9, 4, 14, 30, tzinfo=UTC)
WRITTEN = {
    "en-CA": ("Saturday, September 4 at 2:30 p.m.", "Sep 4, 2027, 2:30 p.m."),
    "en-US": ("Saturday, September 4 at 2:30 PM", "Sep 4, 2027, 2:30 PM"),
    "en-GB": ("Saturday 4 September at 14:30", "4 Sep 2027, 14:30"),
    "en-AU": ("Saturday 4 September at 2:30 pm", "4 Sep 2027, 2:30 pm"),
}
TIME = re.compile(r"(?<![\d:.])\d{1,2}:\d\d\b(?: ?[ap]\.?m\b\.?)?", re.I)
ITS_TIME = {
    "en-CA": r"(1[0-2]|[1-9]):\d\d [ap]\.m\.",
    "en-US": r"(1[0-2]|[1-9]):\d\d [AP]M",
    "en-GB": r"([01]\d|2[0-3]):\d\d",
    "en-AU": r"(1[0-2]|[1-9]):\d\d [ap]m",
}
MONTH = r"(?:Aug(?:ust)?|Sep(?:tember)?|Oct(?:ober)?)"
DAY_FIRST, MONTH_FIRST = re.compile(rf"\b\d\d? {MONTH}\b"), re.compile(rf"\b{MONTH} \d\d?\b(?!:)")
ISO_DAY = re.compile(r"\b20\d\d-\d\d-\d\d\b")
# What machines read.
UNSEEN = re.compile(r"<(script|style|template)\b.*?</\1>|<!--.*?-->|<[^>]*>", re.S)

PAGES = [
    "/", "/articles/", "/articles/knees-and-stairs/", "/articles/knees-and-stairs/handout/",
    "/fees/", "/locations/millbrook/", "/practitioners/ines-okafor/", "/services/dry-needling/",
    "/book/",
]  # fmt: skip
STAFF_PAGES = [
    "/admin/", "/admin/bookings/enquiry/", "/admin/bookings/enquiry/calendar/?day=2027-09-04",
    "/admin/bookings/enquiry/{enquiry}/change/",
    "/admin/articles/article/", "/admin/articles/article/{article}/change/",
    "/admin/articles/article/{article}/editions/", "/admin/articles/article/{article}/compare/",
    "/admin/articles/article/{article}/publish/", "/admin/clinic/message/",
    "/admin/clinic/announcement/", "/admin/clinic/closure/", "/admin/clinic/user/",
]  # fmt: skip
MACHINE_FORMATS = {"Ymd", "Y-m-d"}
ALONE = {"F", "Y"}  # a month's name, a year


def visible(html: str) -> str:
    """Return the text of a page in one line, with plain spaces and a bar for each tag."""
    return " ".join(unescape(UNSEEN.sub(" | ", html)).split())


def strays(text: str, locale: str) -> list[str]:
    """Return the times and days in a text that are not written as in the locale."""
    wrong_order = DAY_FIRST if locale in ("en-CA", "en-US") else MONTH_FIRST
    times = [time for time in TIME.findall(text) if not re.fullmatch(ITS_TIME[locale], time)]
    return times + wrong_order.findall(text) + ISO_DAY.findall(text) + re.findall(r"m\.\.", text)


def test_strays_are_seen() -> None:
    text = "14:30, 2:30 p.m., 2:30 PM, 2:30 pm; 4 September, September 4; 2027-09-04, at 9:00 a.m.."
    found = {locale: len(strays(text, locale)) for locale in WRITTEN}
    assert found == {"en-CA": 6, "en-US": 7, "en-GB": 7, "en-AU": 7}


@pytest.fixture
def site(db: None) -> Any:
    with time_machine.travel(NOON, tick=False):
        yield whole_site.build(NOON)


@pytest.mark.parametrize("locale", WRITTEN)
def test_all_that_is_written_follows_the_locale(
    locale: str, site: Any, client: Client, make_user: Any
) -> None:
    Clinic.objects.update(locale=locale)
    page_context.forget()
    receptionist = make_user("Receptionist")
    site.location.closures.create(starts_on=VISIT, ends_on=VISIT, reason="Holiday")
    workflow.offer(
        site.enquiry, practitioner=site.author, location=site.location, starts=[VISIT], minutes=45,
        by=receptionist, at=NOON,
    )  # fmt: skip
    outbox.run_once(NOON + undo.WITHIN)
    staff = Client()
    staff.force_login(make_user("Manager", "Editor", "Receptionist", username="all"), BACKEND)
    private = private_links.path(Enquiry.objects.get())
    ids = {"article": site.article.pk, "enquiry": site.enquiry.pk}
    texts = {}
    for path in [*PAGES, private]:
        texts[path] = client.get(path).content.decode()
    workflow.accept(site.enquiry, offer_id=site.enquiry.offers.get().pk, at=NOON)
    outbox.run_once(NOON + undo.WITHIN)
    texts["booked"] = client.get(private).content.decode()
    for path in STAFF_PAGES:
        answer = staff.get(path.format(**ids))
        assert answer.status_code == 200, path
        texts[path] = answer.content.decode()
    for sent in mail.outbox:
        texts[sent.subject] = f"{sent.subject} {sent.body}"
        for part in sent.message().walk():
            if part.get_content_type() in ("text/html", "text/calendar"):
                content = part.get_payload(decode=True).decode()
                texts[f"{sent.subject}, {part.get_content_type()}"] = content
    in_full, _short = WRITTEN[locale]
    for name, html in texts.items():
        assert strays(visible(html), locale) == [], name
    shown_on = [name for name, html in texts.items() if in_full in visible(html)]
    assert {private, "booked"} <= set(shown_on)
    told = [name for name in texts if name.startswith("Your appointment is booked: ")]
    assert set(shown_on) & set(told)
    assert any(name.endswith(", text/calendar") for name in told)
    assert f'<html lang="{locale.lower()}"' in texts["/"]


@pytest.mark.parametrize(
    ("region", "locale"), [("CA", "en-CA"), ("US", "en-US"), ("GB", "en-GB"), ("FR", "en-CA")]
)
def test_existing_clinics_follow_their_country(db: None, region: str, locale: str) -> None:
    Clinic.objects.update(region=region)
    [path] = (ROOT / "clinic" / "migrations").glob("*_add_locale.py")
    import_module(f"clinic.migrations.{path.stem}").follow_the_country(apps, None)
    assert Clinic.objects.get().locale == locale


@pytest.mark.parametrize(("locale", "written"), WRITTEN.items())
def test_formats(locale: str, written: tuple[str, str]) -> None:
    with translation.override(locale):
        names = ("WEEKDAY_TIME_FORMAT", "DATETIME_FORMAT")
        assert tuple(date_format(VISIT, name).replace("\xa0", " ") for name in names) == written


def test_each_format_is_named_and_known_in_every_locale() -> None:
    """Django shows the name of a format that it does not know in place of the date."""
    modules = [
        import_module(f"clinic.formats.{translation.to_locale(code)}.formats")
        for code, _name in settings.LANGUAGES
    ]
    known = set.intersection(*(set(vars(module)) for module in modules))
    used = {
        (path, name)
        for path in (ROOT / "templates").rglob("*.*")
        for _quote, name in re.findall(r"""\|(?:date|time):(["'])(.*?)\1""", path.read_text())
    } | {
        (path, name)
        for app in ("clinic", "articles", "bookings")
        for path in (ROOT / app).rglob("*.py")
        for _quote, name in re.findall(
            r"""\b(?:date|time)_format\([^"'\n]*, (["'])(.*?)\1\)""", path.read_text()
        )
    }
    assert len(used) > 40
    assert [each for each in used if each[1] not in known | MACHINE_FORMATS | ALONE] == []


def source() -> str:
    """Return the code and templates, with strings over several lines joined."""
    files = [
        *(ROOT / "templates").rglob("*.html"),
        *(
            path
            for app in ("clinic", "articles", "bookings")
            for path in (ROOT / app).rglob("*.py")
        ),
    ]
    return re.sub(r'"\s*\n\s*"', "", "\n".join(path.read_text() for path in files))


def test_catalogues_are_compiled_and_translate_what_is_said() -> None:
    said = source()
    found = {}
    for path in (ROOT / "locale").rglob("*.po"):
        pairs = re.findall(r'^msgid "(.+)"\nmsgstr "(.+)"$', path.read_text(), re.M)
        with translation.override(path.parts[-3].replace("_", "-")):
            for msgid, text in pairs:
                assert translation.gettext(msgid) == text, path
                assert msgid in said or msgid in ("a.m.", "p.m."), msgid
        found[path.parts[-3]] = dict(pairs)
    assert found["en_US"]["Example: Physiotherapist."] == "Example: Physical therapist."
    assert set(found) == {"en_US", "en_GB", "en_AU"}
