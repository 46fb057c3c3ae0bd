"""Who may do what."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from clinic.accounts import roles
from clinic.models import User


def may(role: str) -> set[str]:
    rows = Permission.objects.filter(group__name=role).select_related("content_type")
    return {f"{p.content_type.app_label}.{p.codename}" for p in rows}


@pytest.mark.django_db
def test_every_permission_of_the_table_exists() -> None:
    for role, models in roles.TABLE.items():
        wanted = {
            f"{label.split('.')[0]}.{verb}_{label.split('.')[1]}"
            for label, verbs in models.items()
            for verb in verbs
        }
        assert may(role) == wanted, role


@pytest.mark.django_db
def test_writers_do_not_see_requests_and_receptionists_do_not_publish() -> None:
    for role in (roles.AUTHOR, roles.REVIEWER):
        assert not {p for p in may(role) if p.startswith("bookings.")}
    assert {p for p in may(roles.EDITOR) if p.startswith("bookings.")} == {"bookings.view_tally"}
    assert not {p for p in may(roles.RECEPTIONIST) if p.startswith("articles.")}
    own = {"bookings.view_given_enquiry", "bookings.view_own_roster"}
    assert may(roles.PRACTITIONER) == own


@pytest.mark.django_db
def test_only_editors_publish_and_only_reviewers_sign() -> None:
    publishers = {role for role in roles.TABLE if "articles.publish_article" in may(role)}
    signers = {role for role in roles.TABLE if "articles.review_article" in may(role)}
    assert publishers == {roles.EDITOR, roles.MANAGER}
    assert signers == {roles.REVIEWER, roles.MANAGER}


@pytest.mark.django_db
def test_ensure_takes_away_what_the_table_does_not_give(author: Any) -> None:
    group = Group.objects.get(name=roles.AUTHOR)
    group.permissions.add(Permission.objects.get(codename="delete_user"))
    before = may(roles.EDITOR)
    roles.ensure()
    assert "clinic.delete_user" not in may(roles.AUTHOR)
    assert may(roles.EDITOR) == before


@pytest.mark.django_db
def test_the_last_manager_stays_one(make_user: Any, client_as: Any) -> None:
    desk = client_as("Manager")
    own = User.objects.get(groups__name="Manager")
    gone = make_user("Manager", username="gone")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    reception = Group.objects.get(name="Receptionist")

    def demote() -> str:
        path = reverse("admin:clinic_user_change", args=[own.pk])
        form = dict(desk.get(path).context["adminform"].form.initial)
        sent = {name: form.get(name) or "" for name in ("username", "first_name", "last_name")}
        answer = desk.post(path, {**sent, "email": own.email, "groups": [reception.pk]})
        return answer.content.decode()

    assert "the only manager" in demote()
    assert own.groups.filter(name="Manager").exists()
    make_user("Manager", username="second")
    assert "the only manager" not in demote()
    assert list(own.groups.values_list("name", flat=True)) == ["Receptionist"]
