"""Accounts of the staff: the first one, and whose a request is."""

import secrets

from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest

from clinic import roles
from clinic.models import User


def user_of(request: HttpRequest) -> User:
    """Who is signed in, in a view that only lets staff through."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def ensure_first_manager(password: str | None = None) -> str | None:
    """Make the manager `admin` if nobody can sign in yet.

    Returns the password that was generated, to be shown once; None where one was given or where
    accounts exist already.
    """
    with transaction.atomic():
        if User.objects.exists():
            return None
        chosen = password or "-".join(secrets.token_hex(2) for _ in range(4))
        user = User.objects.create_user("admin", password=chosen, is_staff=True)
        user.groups.add(Group.objects.get(name=roles.MANAGER))
    return None if password else chosen
