"""Saving in the admin: versions, addresses, numbers, pictures, accounts."""

import io
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import PIL.Image
import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from clinic.models import (
    Announcement,
    Clinic,
    Closure,
    Image,
    Location,
    OpeningPeriod,
    Practitioner,
    Redirect,
    SearchDocument,
    Service,
)
from clinic.site import content_version, page_context


@pytest.fixture
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


def picture(colour: str = "teal") -> SimpleUploadedFile:
    out = io.BytesIO()
    PIL.Image.new("RGB", (40, 30), colour).save(out, "PNG")
    return SimpleUploadedFile("My photo.html", out.getvalue(), content_type="text/html")


def service_form(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Needling",
        "slug": "needling",
        "summary": "Thin needles.",
        "booking_way": "asked",
        "is_public": "on",
        "order": 1,
        **changes,
    }


def no_rows(*prefixes: str) -> dict[str, int]:
    return {f"{p}-{k}_FORMS": 0 for p in prefixes for k in ("TOTAL", "INITIAL")}


def errors(response: Any) -> dict[str, list[str]]:
    return response.context["adminform"].form.errors


@pytest.mark.django_db
def test_saving_what_is_public_raises_the_version_and_can_be_found(manager_client: Client) -> None:
    before = content_version.current_version()
    assert manager_client.post("/admin/clinic/service/add/", service_form()).status_code == 302
    service = Service.objects.get()
    assert content_version.current_version() != before
    document = SearchDocument.objects.get(kind="service", object_id=service.pk)
    assert "Thin needles." in str(document.passages)

    before = content_version.current_version()
    manager_client.post(
        f"/admin/clinic/service/{service.pk}/change/", service_form(summary="Finer needles.")
    )
    document.refresh_from_db()
    assert "Finer needles." in str(document.passages)
    assert content_version.current_version() != before

    before = content_version.current_version()
    manager_client.post(f"/admin/clinic/service/{service.pk}/delete/", {"post": "yes"})
    assert not Service.objects.exists()
    assert not SearchDocument.objects.exists()
    assert content_version.current_version() != before


@pytest.mark.django_db
def test_a_new_address_word_leaves_a_redirect(manager_client: Client) -> None:
    service = Service.objects.create(name="Needling", slug="needling", summary="Thin needles.")
    manager_client.post(
        f"/admin/clinic/service/{service.pk}/change/", service_form(slug="dry-needling")
    )
    assert Redirect.objects.get().path == "/services/needling/"
    response = manager_client.post("/admin/clinic/service/add/", service_form(name="Another"))
    assert "address of something else" in str(errors(response)["slug"])
    assert response.context["adminform"].form["name"].value() == "Another"


@pytest.mark.django_db
@pytest.mark.parametrize("slug", ["admin", "search", "Straße"])
def test_some_words_are_no_address(manager_client: Client, slug: str) -> None:
    response = manager_client.post("/admin/clinic/service/add/", service_form(slug=slug))
    assert errors(response)["slug"]
    assert not Service.objects.exists()


@pytest.mark.django_db
def test_a_location_with_hours_and_a_phone_number(manager_client: Client) -> None:
    form = {
        "name": "Mill",
        "slug": "mill",
        "street": "1 Mill Lane",
        "city": "Millbrook",
        "phone": "(613) 555-0142",
        "is_public": "on",
        "order": 0,
        **no_rows("periods", "closures"),
        "periods-TOTAL_FORMS": 1,
        "periods-0-weekday": 0,
        "periods-0-opens": "07:30",
        "periods-0-closes": "18:00",
    }
    response = manager_client.post("/admin/clinic/location/add/", {**form, "phone": "12"})
    assert errors(response)["phone"]
    assert response.context["adminform"].form["phone"].value() == "12"
    assert manager_client.post("/admin/clinic/location/add/", form).status_code == 302
    location = Location.objects.get()
    assert location.phone == "+16135550142"
    assert OpeningPeriod.objects.get().location == location
    page = manager_client.get(f"/admin/clinic/location/{location.pk}/change/")
    assert b"(613) 555-0142" in page.content


@pytest.mark.django_db
def test_the_clinic_is_one_form(manager_client: Client) -> None:
    response = manager_client.get("/admin/clinic/clinic/")
    assert response.url == "/admin/clinic/clinic/1/change/"
    assert manager_client.get("/admin/clinic/clinic/add/").status_code == 403
    assert manager_client.post("/admin/clinic/clinic/1/delete/").status_code == 403
    page = manager_client.get("/admin/clinic/clinic/1/change/")
    form = {
        name: "" if value is None else value
        for name, value in page.context["adminform"].form.initial.items()
        if value is not False
    }
    for inline in page.context["inline_admin_formsets"]:
        prefix = inline.formset.prefix
        form |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    before = content_version.current_version()
    response = manager_client.post(
        "/admin/clinic/clinic/1/change/", {**form, "name": "Riverside", "time_zone": "Mars/Olympus"}
    )
    assert errors(response)["time_zone"]
    response = manager_client.post(
        "/admin/clinic/clinic/1/change/", {**form, "name": "Riverside", "phone": "613-555-0142"}
    )
    assert response.status_code == 302
    assert Clinic.objects.get().name == "Riverside"
    assert Clinic.objects.get().phone == "+16135550142"
    assert content_version.current_version() != before


@pytest.mark.django_db
def test_days_and_times_are_picked_as_each_device_does_it(manager_client: Client) -> None:
    """Nothing of Django's own calendar, whose boxes open outside of the page's landmarks."""
    kinds = {}
    for model in ("announcement", "closure", "practitioner", "location"):
        page = manager_client.get(f"/admin/clinic/{model}/add/").content.decode()
        kinds[model] = set(re.findall(r'<input type="(date|time)"', page))
        assert "DateTimeShortcuts" not in page
    assert kinds == {
        "announcement": {"date", "time"},
        "closure": {"date"},
        "practitioner": {"date"},
        "location": {"date", "time"},
    }


def test_a_moment_is_one_of_the_clinic(manager_client: Client) -> None:
    Clinic.objects.update(time_zone="Europe/London")
    page_context.forget()
    moments = {"starts_at_0": "2027-07-01", "starts_at_1": "09:30"}
    moments |= {"ends_at_0": "2027-07-02", "ends_at_1": "18:00"}
    manager_client.post("/admin/clinic/announcement/add/", {"text": "Closed.", **moments})
    announcement = Announcement.objects.get()
    assert announcement.starts_at == datetime.fromisoformat("2027-07-01T08:30Z")
    page = manager_client.get(f"/admin/clinic/announcement/{announcement.pk}/change/")
    for value in moments.values():
        assert f'value="{value}"' in page.content.decode()


def test_a_closure_must_end_after_it_starts(manager_client: Client) -> None:
    form = {"starts_on": "2027-03-15", "ends_on": "2027-03-14", "reason": "Holiday"}
    response = manager_client.post("/admin/clinic/closure/add/", form)
    assert "The last day is before the first." in str(errors(response))
    assert not Closure.objects.exists()


@pytest.mark.django_db
def test_a_redirect_leads_to_a_path_of_this_site(manager_client: Client) -> None:
    add = "/admin/clinic/redirect/add/"
    for target in ("", "https://elsewhere.example/", "//elsewhere.example/", "/old/"):
        assert errors(manager_client.post(add, {"path": "/old/", "to_path": target}))
    assert manager_client.post(add, {"path": "/old/", "to_path": "/fees/"}).status_code == 302
    assert Redirect.objects.get().to_path == "/fees/"


@pytest.mark.django_db
def test_redirects_that_the_site_made_are_only_shown(manager_client: Client) -> None:
    made = Redirect.objects.create(path="/services/a/", kind="service", object_id=1)
    address = f"/admin/clinic/redirect/{made.pk}/change/"
    assert manager_client.get(address).status_code == 200
    assert manager_client.post(address, {"to_path": "/x/"}).status_code == 403


@pytest.mark.django_db
def test_a_picture_is_decoded_renamed_and_kept_once(media: Path, manager_client: Client) -> None:
    form = {"file": picture(), "alt": "A teal wall", "focal_x": 0.5, "focal_y": 0.5}
    response = manager_client.post("/admin/clinic/image/add/", form)
    assert response.status_code == 302
    image = Image.objects.get()
    assert image.file.name == f"images/my-photo-{image.sha256[:12]}.png"
    assert (image.width, image.height) == (40, 30)
    assert image.uploaded_by is not None
    assert default_storage.exists(image.file.name)
    response = manager_client.post("/admin/clinic/image/add/", {**form, "file": picture()})
    assert "already in the library" in str(errors(response)["file"])
    assert Image.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("content_type", ["image/png", "image/svg+xml"])
def test_what_is_no_picture_is_refused_with_a_reason(
    media: Path, manager_client: Client, content_type: str
) -> None:
    upload = SimpleUploadedFile("a.png", b"<svg onload=alert(1)>", content_type=content_type)
    form = {"file": upload, "alt": "A wall", "focal_x": 0.5, "focal_y": 0.5}
    response = manager_client.post("/admin/clinic/image/add/", form)
    assert errors(response)["file"]
    assert response.context["adminform"].form["alt"].value() == "A wall"
    assert not Image.objects.exists()
    assert not media.exists()


@pytest.mark.django_db
def test_a_picture_in_use_stays(
    media: Path, manager_client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    manager_client.post(
        "/admin/clinic/image/add/", {"file": picture(), "focal_x": 0.5, "focal_y": 0.5}
    )
    image = Image.objects.get()
    person = Practitioner.objects.create(name="Ada", slug="ada", role="Hands", photo=image)
    page = manager_client.get(f"/admin/clinic/image/{image.pk}/change/").content.decode()
    assert "Ada" in page
    assert "It can’t be deleted while it is in use." in page
    delete = f"/admin/clinic/image/{image.pk}/delete/"
    manager_client.post(delete, {"post": "yes"})
    assert Image.objects.exists()
    person.delete()
    with django_capture_on_commit_callbacks(execute=True):
        manager_client.post(delete, {"post": "yes"})
    assert not Image.objects.exists()
    assert not default_storage.exists(image.file.name)


@pytest.mark.django_db
def test_an_editor_connects_no_account_to_a_person(client_as: Callable[[str], Client]) -> None:
    person = Practitioner.objects.create(name="Ada", slug="ada", role="Hands")
    account = get_user_model().objects.create_user("ada", is_staff=True)
    form = {
        "name": "Ada",
        "slug": "ada",
        "role": "Hands",
        "order": 0,
        "user": account.pk,
        **no_rows("credentials"),
    }
    address = f"/admin/clinic/practitioner/{person.pk}/change/"
    assert client_as("Editor").post(address, form).status_code == 302
    person.refresh_from_db()
    assert person.user is None
    assert client_as("Manager").post(address, form).status_code == 302
    person.refresh_from_db()
    assert person.user == account


@pytest.mark.django_db
def test_a_manager_gives_roles_and_nothing_more(manager_client: Client) -> None:
    form = {
        "first_name": "Mara",
        "email": "mara@larkspur.example",
        "groups": Group.objects.get(name="Editor").pk,
        "username": "root",
        "is_superuser": "on",
    }
    assert manager_client.post("/admin/clinic/user/add/", form).status_code == 302
    mara = get_user_model().objects.get(username="mara")
    assert mara.is_staff
    assert not mara.is_superuser
    assert manager_client.post(f"/admin/clinic/user/{mara.pk}/delete/").status_code == 403


@pytest.mark.django_db
def test_a_superuser_is_out_of_a_managers_reach(manager_client: Client) -> None:
    root = get_user_model().objects.create_superuser("root", password="correct horse battery")
    address = f"/admin/clinic/user/{root.pk}/"
    assert manager_client.post(f"{address}change/", {"username": "mine"}).status_code == 403
    password = {"usable_password": "true", "password1": "x" * 14, "password2": "x" * 14}
    assert manager_client.post(f"{address}password/", password).status_code == 403
    root.refresh_from_db()
    assert root.check_password("correct horse battery")
