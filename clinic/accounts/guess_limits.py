"""Limits on guessing passwords and codes, made so that no stranger can close an account.

Attempts are counted by their source: a network, or a device that the account is known to use.
Only codes of an app, of which three in a million are right at a time, have a limit over all unknown
devices too: a thief who has the password could try them from many networks. A recovery code still
lets the owner in then, and a new password, by mail, ends the thief's tries.

Call these functions outside of transactions, as those of clinic.lib.throttle.
"""

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest

from clinic.accounts import known_devices, staff_accounts
from clinic.lib import throttle
from clinic.lib.web.network import sender
from clinic.models import Throttle, User

QUARTER, DAY = timedelta(minutes=15), timedelta(days=1)
# Tries in a stretch of time:
FOR_ONE = ((8, QUARTER), (40, DAY))  # by one network or device, at one account
FROM_ONE = ((40, QUARTER), (200, DAY))  # by one network, at all accounts
# By all unknown devices, at the app's codes of one account: a day's tries find one with a chance
# of about one in five thousand.
APP_CODES = ((20, QUARTER), (60, DAY))
# Wrong ones in a day before the owner gets a mail, which comes once a day at most.
PASSWORDS_BEFORE_MAIL, CODES_BEFORE_MAIL = 10, 4

Limit = tuple[str, int, timedelta]


class TooManyTries(Exception):
    """Too many passwords or codes were tried; none is looked at for a while."""


@dataclass(frozen=True)
class Asker:
    """Who tries: a network, and the number of the device where the account is known to use it."""

    network: str = ""
    device: str = ""

    @property
    def key(self) -> str:
        return f"device {self.device}" if self.device else f"network {self.network}"


def asker(request: HttpRequest, user: User | None) -> Asker:
    """Who makes this request, as far as the account is concerned."""
    return Asker(sender(request), known_devices.known(request, user))


def password_limits(request: HttpRequest, username: str) -> list[Limit]:
    """What limits a try of a password for this name, which need not be anybody's."""
    # Only a browser with the cookie of an account costs a query: names are not disclosed.
    is_marked = known_devices.is_marked(request)
    user = User.objects.filter(username=username).first() if is_marked else None
    who = asker(request, user)
    limits = _for_one("password", _folded(username), who)
    if not who.device:
        limits += [(f"passwords {who.key} {per}", most, per) for most, per in FROM_ONE]
    return limits


def code_limits(user_id: int, who: Asker, *, of_app: bool) -> list[Limit]:
    """What limits a try of a code of the second factor."""
    limits = _for_one("code", str(user_id), who)
    if of_app and not who.device:
        limits += [(_app(user_id, per), most, per) for most, per in APP_CODES]
    return limits


def count(limits: list[Limit], *, at: datetime) -> None:
    """Count a try before it is looked at. Raises TooManyTries."""
    for key, most, per in limits:
        if not throttle.allow(Throttle.objects, key, limit=most, per=per, at=at):
            raise TooManyTries


def was_right(limits: list[Limit]) -> None:
    """Forget the wrong tries before the right one. At other accounts they still count."""
    for key, _most, _per in limits:
        if key.startswith("passwords "):
            throttle.give_back(Throttle.objects, key)
        else:
            throttle.forget(Throttle.objects, key)


def forgive(user: User, who: Asker) -> None:
    """Begin anew for the owner of an account who has just chosen another password."""
    limits = _for_one("password", _folded(user.get_username()), who)
    limits += _for_one("code", str(user.pk), who)
    limits += [(_app(user.pk, per), most, per) for most, per in APP_CODES]
    throttle.forget(Throttle.objects, *[key for key, _most, _per in limits])


def password_was_wrong(username: str, *, at: datetime) -> None:
    """Count a wrong password of a stranger; the owner of the account gets a mail after some.

    A name that is nobody's costs as much work, but for the mail, once a day.
    """
    name = _folded(username)
    if _is_news(f"wrong passwords {name}", PASSWORDS_BEFORE_MAIL, at):
        user = User.objects.filter(username=username, is_active=True, is_staff=True).first()
        if user:
            staff_accounts.notify(staff_accounts.PASSWORDS_TRIED, user, at=at)


def code_was_wrong(user: User, *, at: datetime) -> None:
    """Count a wrong code after a right password; after several, the owner gets an email."""
    if _is_news(f"wrong codes {user.pk}", CODES_BEFORE_MAIL, at):
        staff_accounts.notify(staff_accounts.CODES_TRIED, user, at=at)


def _is_news(key: str, most: int, at: datetime) -> bool:
    """Whether this one is the first beyond what is usual, today."""
    rows = Throttle.objects
    if throttle.allow(rows, key, limit=most, per=DAY, at=at):
        return False
    return throttle.allow(rows, f"mail about {key}", limit=1, per=DAY, at=at)


def _for_one(what: str, account: str, who: Asker) -> list[Limit]:
    return [(f"{what} {account} {who.key} {per}", most, per) for most, per in FOR_ONE]


def _app(user_id: int, per: timedelta) -> str:
    return f"codes of {user_id} {per}"


def _folded(username: str) -> str:
    return unicodedata.normalize("NFKC", username).casefold()
