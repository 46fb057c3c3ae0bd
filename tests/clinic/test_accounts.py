"""The first account."""

import pytest
from django.contrib.auth import get_user_model

from clinic import accounts


@pytest.mark.django_db
def test_the_first_manager_gets_a_password_once() -> None:
    password = accounts.ensure_first_manager()
    assert password
    admin = get_user_model().objects.get()
    assert admin.check_password(password)
    assert admin.username == "admin"
    assert admin.is_staff
    assert not admin.is_superuser
    assert [group.name for group in admin.groups.all()] == ["Manager"]
    assert accounts.ensure_first_manager() is None


@pytest.mark.django_db
def test_a_given_password_is_not_told_again() -> None:
    assert accounts.ensure_first_manager("correct horse battery") is None
    assert get_user_model().objects.get().check_password("correct horse battery")


@pytest.mark.django_db
def test_nobody_is_added_beside_others() -> None:
    get_user_model().objects.create_user("somebody")
    assert accounts.ensure_first_manager() is None
    assert get_user_model().objects.count() == 1
