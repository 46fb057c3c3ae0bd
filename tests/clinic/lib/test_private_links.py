"""No handler of a log writes a private link, whichever logger and however it got there."""

import io
import logging
import re
import sys
from typing import Any

import pytest
from django.core import mail
from django.test import Client, RequestFactory
from django.utils.log import AdminEmailHandler

from clinic.lib.web.link_masking import MaskPrivateLinks, mask
from tests.test_endpoints import ROUTES

TOKEN = "3zk-1-CanaryOfALink_x9"


@pytest.mark.parametrize(
    "before",
    ["/book/r/", "https://clinic.example/preview/", "/admin/password/set/Mw/", "/BOOK//r//"],
)
@pytest.mark.parametrize("after", ["", "/", "/visit.ics", "?x=1", " HTTP/1.1", "'", "%2F", '"'])
def test_a_token_is_masked_wherever_it_stands(before: str, after: str) -> None:
    assert mask(f"GET {before}{TOKEN}{after}").startswith(f"GET {before}…{after[:1]}")
    assert TOKEN not in mask(f"no: {before}{TOKEN}{after} and {before}{TOKEN}{after}")


@pytest.mark.parametrize(
    "raw",
    ["/%62ook/r/{}/", "/book%2Fr%2f{}", "/admin/login/?next=%2Fpreview%2F{}%2F", "/preview%2F{}"],
)
def test_percent_encoding_hides_no_token(raw: str) -> None:
    assert TOKEN not in mask(raw.format(TOKEN))


@pytest.mark.parametrize("path", ["/book/", "/admin/preview/12/", "/articles/preview/", "", "/"])
def test_other_paths_stay(path: str) -> None:
    assert mask(path) == path


def test_every_address_with_a_token_is_known() -> None:
    with_token = {route for route in ROUTES.values() if re.search(r"<(str:)?token>", route)}
    assert len(with_token) >= 4
    for route in with_token:
        path = "/" + re.sub(r"<(str:)?token>", TOKEN, route.replace("<uidb64>", "Mw"))
        assert TOKEN not in mask(path), route


@pytest.fixture
def written() -> Any:
    """What a masked handler at the root writes."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(MaskPrivateLinks())
    logging.getLogger().addHandler(handler)
    yield stream.getvalue
    logging.getLogger().removeHandler(handler)


@pytest.mark.parametrize("name", ["", "django.request", "bookings", "axes", "some.package"])
def test_any_logger_and_any_part_of_a_record(name: str, written: Any) -> None:
    path = f"/book/r/{TOKEN}/"
    logger = logging.getLogger(name)
    logger.error("Forbidden: %s", path)
    logger.error(f"in the message {path}", stack_info=True)
    logger.error({"in": "an object", "path": path})
    try:
        raise ValueError(f"in the error of {path}")
    except ValueError:
        logger.exception("seen")
        logger.error("again", exc_info=sys.exc_info())
    assert written().count("/book/r/…/") >= 5
    assert TOKEN not in written()


def test_the_project_masks_at_its_root() -> None:
    from django.conf import settings

    assert settings.LOGGING["root"]["handlers"] == ["stderr"]
    assert settings.LOGGING["handlers"]["stderr"]["filters"] == ["private_links"]
    for name, logger in settings.LOGGING["loggers"].items():
        assert set(logger.get("handlers", [])) <= {"stderr"}, name


def test_arguments_that_do_not_fit_raise_nothing(written: Any) -> None:
    logging.getLogger("x").error("%s %s", f"/preview/{TOKEN}/")
    assert "/preview/…/" in written()


def test_a_refused_form_is_logged_without_its_link(db: None, written: Any) -> None:
    Client(enforce_csrf_checks=True).post(f"/book/r/{TOKEN}/", {"do": "withdraw"})
    assert "/book/r/…/" in written()
    assert TOKEN not in written()


@pytest.mark.parametrize("include_html", [False, True])
def test_an_email_to_administrators(include_html: bool, settings: Any) -> None:
    settings.ADMINS = [("Operator", "operator@clinic.example")]
    request = RequestFactory().post(f"/book/r/{TOKEN}/?a=1", {"text": "My knee CanaryOfHealth"})
    handler = AdminEmailHandler(include_html=include_html)
    handler.addFilter(MaskPrivateLinks())
    try:
        raise ValueError(f"{request.path} broke")
    except ValueError as error:
        record = logging.LogRecord(
            "django.request", logging.ERROR, __file__, 1, "Internal Server Error: %s",
            (request.path,), (ValueError, error, error.__traceback__),
        )  # fmt: skip
    record.request = request  # type: ignore[attr-defined]
    handler.handle(record)
    [sent] = mail.outbox
    whole = str(sent.message()) + sent.body + "".join(str(part) for part, _ in sent.alternatives)
    assert "…" in sent.subject
    assert TOKEN not in whole
    assert "CanaryOfHealth" not in whole
