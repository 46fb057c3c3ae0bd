"""The desk: who gets in, what they find, and how a demo becomes a clinic."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic import hooks
from clinic.mail import outbox
from clinic.models import Clinic, Credential, Image, Location, Message, Practitioner
from clinic.operations import demo

AT = datetime(2027, 3, 14, 9, 15, tzinfo=UTC)
GROUND_FLOOR = [
    model for model in admin.site._registry if model._meta.app_label in ("clinic", "auth")
]
REPORTS = {"clinic_dailycount", "bookings_tally"}  # a page alone
HAVE_LISTS = [model for model in GROUND_FLOOR if model._meta.db_table not in REPORTS]
# The lists of the ground floor that each role may open.
LISTS = {
    "Author": {"image", "practitioner", "service", "redflag", "location"},
    "Clinical reviewer": {"practitioner", "service", "redflag", "location"},
    "Editor": {
        "image",
        "practitioner",
        "service",
        "redflag",
        "location",
        "closure",
        "announcement",
        "missing",
        "redirect",
        "synonymgroup",
        "emptysearch",
        "dailycount",
    },
    "Receptionist": {"practitioner", "service", "redflag", "location", "message"},
    "Practitioner": set(),
    "Manager": {
        "announcement",
        "clinic",
        "closure",
        "group",
        "image",
        "location",
        "message",
        "missing",
        "practitioner",
        "redflag",
        "redirect",
        "service",
        "synonymgroup",
        "emptysearch",
        "dailycount",
        "securityevent",
        "user",
    },
}


@pytest.fixture
def demo_alone(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    """The ground floor's part of the demo, loaded."""
    monkeypatch.setattr(hooks, "demos", [hooks.Demo(10, demo.load, demo.remove)])
    demo.load_all(timezone.now())


def change_list(model: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


@pytest.mark.django_db
@pytest.mark.parametrize("role", sorted(LISTS))
def test_each_role_opens_its_lists_and_no_others(
    role: str, client_as: Callable[[str], Client]
) -> None:
    client = client_as(role)
    opened = set()
    for model in GROUND_FLOOR:
        response = client.get(change_list(model), follow=True)
        assert response.status_code in (200, 403)
        if response.status_code == 200:
            opened.add(model._meta.model_name)
    assert opened == LISTS[role]


@pytest.mark.django_db
@pytest.mark.parametrize("role", sorted(LISTS))
def test_the_navigation_leads_only_where_one_may_go(
    role: str, client_as: Callable[[str], Client]
) -> None:
    client = client_as(role)
    response = client.get("/admin/")
    assert response.status_code == 200
    for _heading, items in response.context["navigation"]:
        assert items
        for item in items:
            assert client.get(item.url, follow=True).status_code == 200, item.label


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "current"),
    [
        ("/admin/articles/article/", "Articles"),
        ("/admin/articles/article/add/", "Articles"),
        ("/admin/articles/article/?kind__exact=article", "Articles"),
        ("/admin/articles/article/?kind__exact=page", "Pages"),
        ("/admin/articles/article/add/?_changelist_filters=kind__exact%3Dpage", "Pages"),
        ("/admin/clinic/image/", "Images"),
    ],
)
def test_the_navigation_marks_the_one_list_that_is_open(
    client_as: Callable[[str], Client], address: str, current: str
) -> None:
    groups = client_as("Editor").get(address).context["navigation"]
    assert [item.label for _, items in groups for item in items if item.is_current] == [current]


@pytest.mark.django_db
def test_an_empty_list_says_so(client_as: Callable[[str], Client]) -> None:
    client = client_as("Manager")
    empty = client.get("/admin/clinic/missing/").content.decode()
    assert "There is nothing here yet." in empty
    assert 'name="action"' not in empty
    sought = client.get("/admin/clinic/user/?q=nobody").content.decode()
    assert "No results match your search." in sought
    assert '<a href="?">Show all</a>' in sought


@pytest.mark.django_db
def test_visitors_are_asked_to_sign_in(client: Client) -> None:
    paths = [change_list(model) for model in GROUND_FLOOR]
    paths += ["/admin/", reverse("admin:start_own"), reverse("admin:setup")]
    for path in paths:
        response = client.get(path)
        assert response.status_code == 302
        assert response.url.startswith("/admin/login/")


@pytest.mark.django_db
def test_no_form_adds_or_changes_another_thing_by_icons(client_as: Callable[[str], Client]) -> None:
    wrapped = 0
    for role in ("Editor", "Manager"):
        client = client_as(role)
        for model in admin.site._registry:
            label = f"{model._meta.app_label}_{model._meta.model_name}"
            if label in REPORTS:
                continue
            response = client.get(reverse(f"admin:{label}_add"))
            wrapped += response.content.count(b"related-widget-wrapper")
            assert b"data-popup" not in response.content, label
    assert wrapped > 5


def test_every_form_of_a_manager_opens(
    demo_alone: None, client_as: Callable[[str], Client]
) -> None:
    outbox.queue("note", 1, at=AT)
    client = client_as("Manager")
    for model in HAVE_LISTS:
        options = model._meta
        add = client.get(reverse(f"admin:{options.app_label}_{options.model_name}_add"))
        assert add.status_code in (200, 403)
        for thing in model._default_manager.all()[:1]:
            name = f"admin:{options.app_label}_{options.model_name}_change"
            assert client.get(reverse(name, args=[thing.pk])).status_code == 200


def test_lists_ask_few_questions(
    demo_alone: None,
    client_as: Callable[[str], Client],
    django_assert_max_num_queries: Any,
) -> None:
    client = client_as("Manager")
    client.get("/admin/")  # builds the frame, once for each content version
    for model in HAVE_LISTS:
        with django_assert_max_num_queries(11, info=model.__name__):
            client.get(change_list(model))


def test_the_demo_says_so_on_every_staff_page(
    demo_alone: None, client_as: Callable[[str], Client]
) -> None:
    page = client_as("Manager").get("/admin/clinic/service/").content
    assert b"Remove the demo and set up my clinic" in page
    page = client_as("Receptionist").get("/admin/clinic/service/").content
    assert b"Everything here is fictional" in page
    assert b"Remove the demo and set up my clinic" not in page


def test_a_manager_starts_their_own_clinic(
    demo_alone: None, client_as: Callable[[str], Client]
) -> None:
    client = client_as("Manager")
    page = client.get(reverse("admin:start_own"))
    assert page.status_code == 200
    assert Location.objects.exists()
    response = client.post(reverse("admin:start_own"), follow=True)
    assert response.redirect_chain == [(reverse("admin:setup"), 302)]
    assert not Location.objects.exists()
    assert not Clinic.objects.get().is_demo
    tasks = {str(task.label): task.is_done for task in response.context["tasks"]}
    assert not tasks["Phone"]
    assert not tasks["First location"]
    assert b"Everything here is fictional" not in response.content
    assert "Before you go live" in [
        panel.title for panel in client.get("/admin/").context["panels"]
    ]
    assert client.post(reverse("admin:start_own")).url == reverse("admin:setup")


@pytest.mark.parametrize("name", ["admin:start_own", "admin:setup"])
def test_only_managers_start_their_own_clinic(
    demo_alone: None, client_as: Callable[[str], Client], name: str
) -> None:
    client = client_as("Editor")
    assert client.get(reverse(name)).status_code == 403
    assert client.post(reverse(name)).status_code == 403 if name == "admin:start_own" else True
    assert Location.objects.exists()


@pytest.mark.django_db
def test_today_tells_what_needs_a_hand(client_as: Callable[[str], Client]) -> None:
    now = timezone.now()
    person = Practitioner.objects.create(name="Ada", slug="ada", role="Physiotherapist")
    Credential.objects.create(
        practitioner=person, kind="training", name="Taping", valid_until=now.date()
    )
    Image.objects.create(file="images/a.png", width=1, height=1, sha256="a" * 64)
    outbox.queue("note", 1, at=now - timedelta(hours=1))
    Message.objects.filter(pk=outbox.queue("note", 2, at=now).pk).update(failed_at=now)
    panels = client_as("Manager").get("/admin/").context["panels"]
    text = {panel.title: [row.label for row in panel.rows] for panel in panels}
    assert text["Expiring credentials"] == ["Ada: Taping"]
    assert text["Email queue"] == ["1 email failed", "1 email is delayed"]
    assert text["Images without alt text"] == ["images/a.png"]
    titles = [panel.title for panel in client_as("Author").get("/admin/").context["panels"]]
    assert "Images without alt text" in titles
    assert "Email queue" not in titles


@pytest.mark.django_db
def test_a_given_up_mail_is_tried_again(client_as: Callable[[str], Client]) -> None:
    message = outbox.queue("note", 1, at=AT)
    Message.objects.update(failed_at=AT, error="The mail server refused the recipient (550).")
    client = client_as("Receptionist")
    page = client.get("/admin/clinic/message/?state=given-up")
    assert b"refused the recipient" in page.content
    client.post("/admin/clinic/message/", {"action": "try_again", "_selected_action": [message.pk]})
    message.refresh_from_db()
    assert message.failed_at is None
    assert b"refused" not in client.get("/admin/clinic/message/?state=sent").content


@pytest.mark.django_db
def test_the_outbox_is_only_looked_at(client_as: Callable[[str], Client]) -> None:
    message = outbox.queue("note", 1, at=AT)
    client = client_as("Manager")
    assert client.get("/admin/clinic/message/add/").status_code == 403
    assert client.post(f"/admin/clinic/message/{message.pk}/delete/").status_code == 403
    assert client.post(f"/admin/clinic/message/{message.pk}/change/", {}).status_code == 403


@pytest.mark.django_db
def test_too_many_wrong_passwords_lock_out_for_a_while(client: Client) -> None:
    wrong = {"username": "admin", "password": "wrong"}
    codes = [client.post("/admin/login/", wrong).status_code for _ in range(9)]
    assert codes == [200] * 8 + [429]
    assert b"Too many attempts" in client.post("/admin/login/", wrong).content
