"""Colleagues who leave: what they have in hand goes on, and they get in no more."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from articles.models import Article
from articles.review.reviews import WANTED
from bookings import workflow
from bookings.models import Event
from clinic.accounts import roles, staff_accounts
from clinic.mail import outbox
from clinic.models import Message, User
from tests.clinic.signing_in import PASSWORD, can_sign_in, choose, links_mailed
from tests.whole_site import WholeSite, build


@pytest.fixture
def site(db: None) -> WholeSite:
    return build(timezone.now())


@pytest.mark.django_db
def test_what_a_leaver_has_in_hand_goes_to_colleagues(
    site: WholeSite, mara: User, make_user: Any, manager_client: Client
) -> None:
    mara.groups.add(*Group.objects.filter(name__in=[roles.RECEPTIONIST, roles.REVIEWER]))
    ada, joan = make_user(roles.EDITOR, username="ada"), make_user(roles.RECEPTIONIST)
    hanna = make_user(roles.REVIEWER)
    site.reviewer.user, site.author.user = hanna, mara
    site.reviewer.email = "hanna@larkspur.example"
    site.reviewer.save()
    site.author.save()
    Article.objects.filter(pk=site.page.article_id).update(owner=mara, author=site.reviewer)
    waiting = Article.objects.create(
        title="Waits", slug="waits", reviewer=site.author, submitted_at=timezone.now()
    )
    workflow.assign(site.enquiry, to=mara, by=joan, at=timezone.now())
    client = Client()
    client.force_login(mara, "django.contrib.auth.backends.ModelBackend")

    path = f"/admin/clinic/user/{mara.pk}/leave/"
    form = manager_client.get(path).context["form"]
    assert [field.label for field in form] == [
        "Articles they own (2)",
        "Articles waiting for their review (1)",
        "Open requests assigned to them (1)",
    ]
    refused = manager_client.post(path, {"texts": ada.pk, "reviews": hanna.pk, "requests": ada.pk})
    assert set(refused.context["form"].errors) == {"requests"}, "an editor sees no requests"
    assert client.get("/admin/").status_code == 200
    chosen = {"texts": ada.pk, "reviews": hanna.pk, "requests": joan.pk}
    page = manager_client.post(path, chosen, follow=True)
    assert (
        "Open requests assigned to them (1): handed over to receptionist." in page.content.decode()
    )

    assert set(Article.objects.filter(owner=ada)) == {site.article, site.page.article}
    waiting.refresh_from_db()
    assert waiting.reviewer == site.reviewer
    assert Message.objects.filter(kind=WANTED, object_id=waiting.pk).count() == 1
    site.enquiry.refresh_from_db()
    assert site.enquiry.given_to == joan
    assert site.enquiry.events.filter(kind=Event.Kind.ASSIGNED).count() == 2
    assert client.get("/admin/").headers["Location"].startswith("/admin/login/")
    mara.refresh_from_db()
    assert not mara.is_active
    assert not can_sign_in(mara, PASSWORD)
    line = LogEntry.objects.get(object_id=str(mara.pk), user__username="client-manager")
    assert "Has left. Articles they own (2): handed over to ada." in line.change_message
    site.article.refresh_from_db()
    assert site.article.author == site.author, "what they wrote stays theirs"


@pytest.mark.django_db
def test_a_session_of_before_does_not_come_back_with_the_colleague(
    mara: User, manager_client: Client
) -> None:
    client = Client()
    client.force_login(mara, "django.contrib.auth.backends.ModelBackend")
    manager_client.post(f"/admin/clinic/user/{mara.pk}/leave/")
    page = manager_client.get(f"/admin/clinic/user/{mara.pk}/change/").content.decode()
    assert "Has left" in page
    assert f"/admin/clinic/user/{mara.pk}/leave/" not in page
    manager_client.post(f"/admin/clinic/user/{mara.pk}/link/")
    [link] = links_mailed()
    assert client.get("/admin/").status_code == 302
    assert "Your password is set" in choose(link).content.decode()
    assert client.get("/admin/").status_code == 302
    assert can_sign_in(mara)


@pytest.mark.django_db
def test_a_reviewer_gets_no_text_of_their_own(site: WholeSite, mara: User, make_user: Any) -> None:
    hanna = make_user(roles.REVIEWER)
    site.reviewer.user, site.author.user = hanna, mara
    site.reviewer.save()
    site.author.save()
    own = Article.objects.create(
        title="Own",
        slug="own",
        author=site.reviewer,
        reviewer=site.author,
        submitted_at=timezone.now(),
    )
    staff_accounts.leave(mara, to={"reviews": hanna}, by=hanna, at=timezone.now())
    own.refresh_from_db()
    assert own.reviewer is None
    assert own.submitted_at is not None
    told = Message.objects.get(kind=WANTED, object_id=own.pk)
    User.objects.update(email="hanna@larkspur.example")
    assert outbox.compose(told, at=timezone.now()) is None  # the others are, and there are none


@pytest.mark.django_db
def test_where_nobody_else_may_the_work_stays_open(
    site: WholeSite, receptionist: User, author: User, client_as: Callable[[str], Client]
) -> None:
    workflow.assign(site.enquiry, to=receptionist, by=author, at=timezone.now())
    manager = client_as(roles.MANAGER)
    form = manager.get(f"/admin/clinic/user/{receptionist.pk}/leave/").context["form"]
    assert form.fields["requests"].required, "a manager may"
    staff_accounts.leave(receptionist, to={}, by=author, at=timezone.now())
    site.enquiry.refresh_from_db()
    assert site.enquiry.given_to is None
