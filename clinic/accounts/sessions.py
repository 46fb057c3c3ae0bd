"""Where an account is signed in: when each session began and was last used, in which browser.

All of it is kept in the session itself, and ends with it. No network address is kept.
"""

from collections.abc import Collection, Iterator, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import ngettext

from clinic.accounts import roles, second_factor, security_log
from clinic.accounts.second_factor import Standing
from clinic.accounts.security_log import Kind
from clinic.models import User

# In a session
BEGAN, USED, BROWSER = "signed_in_at", "used_at", "browser"
CONFIRMED = "confirmed_at"
LONGEST = timedelta(hours=12)  # a session, however much it is used
# How long an unused session stays open: a desk that is passed by strangers is left alone for less.
UNUSED = {roles.RECEPTIONIST: timedelta(hours=2)}
STEP = timedelta(minutes=5)  # use within it is not written down: that would cost a write per page

Data = MutableMapping[str, Any]


@dataclass(frozen=True)
class Seat:
    """One session of an account. `name` names it in a form, and opens nothing."""

    name: str
    browser: str
    began_at: datetime | None
    used_at: datetime | None
    is_this: bool


def begin(session: Data, *, browser: str, at: datetime) -> None:
    """Write down that someone has just signed in."""
    session[BEGAN] = session[USED] = int(at.timestamp())
    session[BROWSER] = browser


def is_over(user: User, session: Data, *, at: datetime) -> bool:
    """Whether it was open, or left unused, for too long. A query only where it was left unused."""
    began, used = _moment(session, BEGAN), _moment(session, USED)
    if began is None or used is None:
        return False  # of an earlier version: the store ends it
    if at - began >= LONGEST:
        return True
    if at - used < min(UNUSED.values()):
        return False
    held = user.groups.values_list("name", flat=True)
    return at - used >= min((UNUSED[role] for role in held if role in UNUSED), default=LONGEST)


def use(session: Data, *, at: datetime) -> None:
    """Write down that the session was used, once in STEP."""
    used = _moment(session, USED)
    if used is None or at - used >= STEP:
        session[USED] = int(at.timestamp())
        session.setdefault(BEGAN, session[USED])


def confirm(session: Data, *, at: datetime) -> None:
    """Write down that the person has just shown again that it is them."""
    session[CONFIRMED] = int(at.timestamp())


def is_fresh(session: Data, *, at: datetime, lasts: timedelta) -> bool:
    """Whether someone signed in or confirmed it, in this session, within `lasts`."""
    moments = (_moment(session, BEGAN), _moment(session, CONFIRMED))
    return any(moment is not None and abs(at - moment) < lasts for moment in moments)


def seats(user: User, *, at: datetime, this: str | None = None) -> list[Seat]:
    """Where this account is signed in now, the session with the key `this` first, then the one
    used last."""
    found = [
        Seat(
            name=_name(key),
            browser=data.get(BROWSER, ""),
            began_at=_moment(data, BEGAN),
            used_at=_moment(data, USED),
            is_this=key == this,
        )
        for key, data in _sessions(user, at)
        if _is_in(user, data) and not is_over(user, data, at=at)
    ]
    never = datetime.min.replace(tzinfo=UTC)
    found.sort(key=lambda seat: (seat.is_this, seat.used_at or never), reverse=True)
    return found


def end(
    user: User,
    *,
    by: User,
    at: datetime,
    names: Collection[str] | None = None,
    but: str | None = None,
) -> int:
    """End the sessions of an account that have these names, or all, whatever step of signing in
    they have reached; never the one with the key `but`. Return how many there were."""
    keys = [
        key
        for key, _data in _sessions(user, at)
        if key != but and (names is None or _name(key) in names)
    ]
    ended, _rows = Session.objects.filter(pk__in=keys).delete()
    if ended:
        security_log.write(
            Kind.SESSIONS,
            "account %s: sessions ended (%d), by account %s",
            *(user.pk, ended, by.pk),
            at=at,
            account=user,
            by=by,
            note=ngettext("%(n)d session", "%(n)d sessions", ended) % {"n": ended},
        )
    return ended


def _sessions(user: User, at: datetime) -> Iterator[tuple[str, Data]]:
    """Key and content of every session of an account that has not expired."""
    for row in Session.objects.filter(expire_date__gt=at).iterator():
        data = row.get_decoded()
        if data.get(SESSION_KEY) == str(user.pk):
            yield row.session_key, data


def _is_in(user: User, data: Data) -> bool:
    """Whether it is open: no other password was chosen since, and no step is missing."""
    is_current = constant_time_compare(data.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
    return is_current and second_factor.standing(user, data) == Standing.IN


def _moment(data: Data, name: str) -> datetime | None:
    seconds = data.get(name)
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _name(key: str) -> str:
    return salted_hmac("clinic.sessions", key, algorithm="sha256").hexdigest()[:16]
