"""Every way in which something public changes raises the content version."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.contrib import admin
from django.db import models
from django.forms import BaseForm
from django.test import Client, RequestFactory
from django.utils import timezone

from articles.models import ReferenceNotice, Topic
from clinic.admin.base import PublicAdmin
from clinic.models import (
    Announcement,
    Closure,
    Credential,
    Location,
    Practitioner,
    RedFlag,
    Redirect,
    Service,
    SynonymGroup,
    User,
)
from clinic.site import content_version
from tests.clinic.site.test_frame import HOUR, NOON
from tests.whole_site import WholeSite, add_picture, add_reference, build

# What is not public, and so need not raise the version; anything else must.
NOT_PUBLIC: dict[str, str] = {
    "clinic.user": "accounts are shown nowhere",
    "auth.group": "roles are shown nowhere",
    "clinic.message": "the outbox is for staff",
    "clinic.missing": "addresses that were not found are for staff",
    "clinic.emptysearch": "searches without results are for staff",
    "clinic.dailycount": "numbers for staff",
    "clinic.securityevent": "the security log is for managers",
    "bookings.answertemplate": "what staff answer is mailed, not shown",
    "bookings.enquiry": "requests are private",
    "bookings.roster": "open times are found anew for each page, and no stored page has them",
    "bookings.tally": "numbers for staff",
    "articles.article": "the manuscript; its menu position is tested below",
    "articles.edition": "cannot be changed here; publishing raises the version",
}
PUBLIC = {
    model._meta.label_lower: (model, model_admin)
    for model, model_admin in admin.site._registry.items()
    if model._meta.label_lower not in NOT_PUBLIC
}


def spare(label: str, site: WholeSite) -> models.Model:
    """A row that nothing refers to, so that it can be deleted."""
    day = date(2026, 3, 2)
    makers: dict[str, Callable[[], models.Model]] = {
        "articles.reference": lambda: add_reference("spare2020"),
        "articles.referencenotice": lambda: ReferenceNotice.objects.create(
            reference=add_reference("spare2020"), kind="retraction", source="x", found_at=NOON
        ),
        "articles.topic": lambda: Topic.objects.create(name="Hip", slug="hip"),
        "clinic.announcement": lambda: Announcement.objects.create(
            text="x", starts_at=NOON, ends_at=NOON + HOUR
        ),
        "clinic.clinic": lambda: site.clinic,
        "clinic.closure": lambda: Closure.objects.create(starts_on=day, ends_on=day, reason="x"),
        "clinic.image": lambda: add_picture("A spare one"),
        "clinic.location": lambda: Location.objects.create(
            name="Old", slug="old", street="2", city="Mill"
        ),
        "clinic.practitioner": lambda: Practitioner.objects.create(
            name="Ann", slug="ann", role="Physio"
        ),
        "clinic.redflag": lambda: RedFlag.objects.create(sentence="x", level="today"),
        "clinic.redirect": lambda: Redirect.objects.create(path="/old/", to_path="/new/"),
        "clinic.service": lambda: Service.objects.create(name="Old", slug="old", summary="x"),
        "clinic.synonymgroup": lambda: SynonymGroup.objects.create(words="one, two"),
    }
    assert label in makers, f"Say here how a {label} is made: a new public model is covered too."
    return makers[label]()


@pytest.fixture
def site(db: None) -> WholeSite:
    return build(timezone.now())


@pytest.fixture
def superuser_client(client: Client, db: None) -> Client:
    user = User.objects.create_superuser("root")
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def typed(form: BaseForm) -> dict[str, Any]:
    """What a browser sends for a form that nobody has touched."""
    data = {}
    for bound in form:
        value = bound.value()
        widget = bound.field.widget
        if hasattr(widget, "decompress"):
            parts = widget.decompress(value)
            data |= {f"{bound.html_name}_{n}": part or "" for n, part in enumerate(parts)}
        elif isinstance(value, models.Model) or value is None or value is False:
            data[bound.html_name] = getattr(value, "pk", "")
        elif not isinstance(value, models.FileField):
            data[bound.html_name] = value
    return {name: value for name, value in data.items() if value not in ("", None)}


def whole_form(context: Any) -> dict[str, Any]:
    """The form of a change page with its inline forms."""
    data = typed(context["adminform"].form)
    for inline in context["inline_admin_formsets"]:
        data |= typed(inline.formset.management_form)
        for form in inline.formset.forms:
            data |= typed(form)
    return data


class Roads:
    """Each gives the answer to a change, made in the admin as a person makes it; None where the
    admin has no such road."""

    def __init__(self, client: Client, label: str, thing: models.Model) -> None:
        self.client, self.label, self.thing = client, label, thing
        self.model_admin = PUBLIC[label][1]
        self.base = f"/admin/{label.replace('.', '/')}/"
        self.request = RequestFactory().get("/")
        self.request.user = User.objects.get(username="root")

    def change(self) -> Any:
        if not self.model_admin.has_change_permission(self.request, self.thing):
            return None
        url = f"{self.base}{self.thing.pk}/change/"
        return self.client.post(url, whole_form(self.client.get(url).context))

    def delete(self) -> Any:
        if not self.model_admin.has_delete_permission(self.request, self.thing):
            return None
        return self.client.post(f"{self.base}{self.thing.pk}/delete/", {"post": "yes"})

    def action(self) -> Any:
        if not self.model_admin.has_delete_permission(self.request):
            return None
        chosen = {"action": "delete_selected", "_selected_action": self.thing.pk, "post": "yes"}
        return self.client.post(self.base, chosen)

    def list_edit(self) -> Any:
        if not self.model_admin.list_editable:
            return None
        listed = self.client.get(self.base).context["cl"].formset
        data = typed(listed.management_form) | {"_save": "1"}
        for form in listed.forms:
            data |= typed(form)
        return self.client.post(self.base, data)


@pytest.mark.parametrize("label", sorted(PUBLIC))
def test_each_public_model_has_the_base_that_raises_the_version(label: str):
    assert isinstance(PUBLIC[label][1], PublicAdmin)


@pytest.mark.parametrize("road", ["change", "delete", "action", "list_edit"])
@pytest.mark.parametrize("label", sorted(PUBLIC))
def test_each_road_of_each_public_model_raises_the_version(
    label: str, road: str, site: WholeSite, superuser_client: Client
):
    roads = Roads(superuser_client, label, spare(label, site))
    before = content_version.current_version()
    answer = getattr(roads, road)()
    if answer is None:
        assert (label, road) in CLOSED_ROADS
        return
    assert answer.status_code == 302, answer.context["errors"]
    assert content_version.current_version() != before
    if road in ("delete", "action"):
        assert not PUBLIC[label][0]._default_manager.filter(pk=roads.thing.pk).exists()


CLOSED_ROADS = {("clinic.clinic", "delete"), ("clinic.clinic", "action")} | {
    (label, "list_edit") for label, (_, model_admin) in PUBLIC.items()
    if not model_admin.list_editable
}  # fmt: skip


ADDED: dict[str, dict[str, Any]] = {
    "articles.reference": {"key": "new2020", "csl": '{"title": "New"}'},
    "articles.topic": {"name": "Foot", "slug": "foot", "order": 1},
    "clinic.announcement": {
        "text": "Hello.",
        "starts_at_0": "2026-03-02",
        "starts_at_1": "10:00",
        "ends_at_0": "2026-03-03",
        "ends_at_1": "10:00",
    },
    "clinic.closure": {"starts_on": "2026-03-02", "ends_on": "2026-03-02", "reason": "Holiday"},
    "clinic.location": {
        "name": "New",
        "slug": "new",
        "street": "1",
        "city": "Mill",
        "order": 1,
        "periods-TOTAL_FORMS": 0,
        "periods-INITIAL_FORMS": 0,
        "closures-TOTAL_FORMS": 0,
        "closures-INITIAL_FORMS": 0,
    },
    "clinic.practitioner": {
        "name": "New",
        "slug": "new",
        "role": "Physio",
        "order": 1,
        "credentials-TOTAL_FORMS": 0,
        "credentials-INITIAL_FORMS": 0,
    },
    "clinic.redflag": {"sentence": "New", "level": "today"},
    "clinic.redirect": {"path": "/past/", "to_path": "/now/"},
    "clinic.service": {
        "name": "New",
        "slug": "new",
        "summary": "New.",
        "order": 1,
        "booking_way": "asked",
    },
    "clinic.synonymgroup": {"words": "one, two"},
}
# Of the clinic there is one; pictures are tested with their files (test_images); notices are added
# by the watch.
NOT_ADDED = {"clinic.clinic", "clinic.image", "articles.referencenotice"}


@pytest.mark.parametrize("label", sorted(set(PUBLIC) - NOT_ADDED))
def test_what_is_added_raises_the_version(label: str, superuser_client: Client):
    before = content_version.current_version()
    answer = superuser_client.post(f"/admin/{label.replace('.', '/')}/add/", ADDED[label])
    assert answer.status_code == 302, answer.context["errors"]
    assert content_version.current_version() != before


def test_an_inline_row_raises_the_version(site: WholeSite, superuser_client: Client):
    url = f"/admin/clinic/practitioner/{site.author.pk}/change/"
    data = whole_form(superuser_client.get(url).context)
    data["credentials-0-name"] = "PhD"
    before = content_version.current_version()
    assert superuser_client.post(url, data).status_code == 302
    assert content_version.current_version() != before
    assert Credential.objects.get(practitioner=site.author).name == "PhD"


def test_the_place_of_a_page_in_the_menu_raises_the_version(
    site: WholeSite, superuser_client: Client
):
    page = site.page.article
    url = f"/admin/articles/article/{page.pk}/change/"
    data = whole_form(superuser_client.get(url).context)
    before = content_version.current_version()
    assert superuser_client.post(url, data | {"title": "Not public yet"}).status_code == 302
    assert content_version.current_version() == before
    data = whole_form(superuser_client.get(url).context)
    assert data.pop("in_menu")
    assert superuser_client.post(url, data).status_code == 302
    assert content_version.current_version() != before


def test_looking_raises_nothing(site: WholeSite, superuser_client: Client):
    before = content_version.current_version()
    for label in PUBLIC:
        roads = Roads(
            superuser_client, label, PUBLIC[label][0]._default_manager.first() or site.clinic
        )
        superuser_client.get(roads.base, follow=True)
    assert content_version.current_version() == before


def test_a_change_that_is_refused_changes_nothing(site: WholeSite, superuser_client: Client):
    url = f"/admin/clinic/service/{site.service.pk}/change/"
    data = whole_form(superuser_client.get(url).context)
    assert superuser_client.post(url, data | {"name": ""}).status_code == 200
    site.service.refresh_from_db()
    assert site.service.name == "Dry needling"


@pytest.mark.parametrize("label", ["clinic/service", "articles/topic"])
def test_what_published_editions_name_cannot_be_deleted(
    site: WholeSite, superuser_client: Client, label: str
):
    """The guard of the editions refused it with an error page."""
    thing = site.service if label == "clinic/service" else site.topic
    url = f"/admin/{label}/{thing.pk}/delete/"
    assert superuser_client.get(url).status_code in (200, 403)
    assert superuser_client.post(url, {"post": "yes"}).status_code in (200, 403)
    both = {"action": "delete_selected", "_selected_action": [thing.pk], "post": "yes"}
    superuser_client.post(f"/admin/{label}/", both)
    assert type(thing)._default_manager.filter(pk=thing.pk).exists()
