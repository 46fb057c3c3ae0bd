"""One account does not get all threads of a process."""

from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse

from clinic.middleware import FairShare

SESSIONS = "django.contrib.sessions.middleware.SessionMiddleware"


def asked_at_once(rf: Any, accounts: list[str]) -> list[int]:
    """The statuses of requests of these accounts ("" for visitors), each made while those before
    it are still being answered."""
    statuses = []

    def answer(request: HttpRequest) -> HttpResponse:
        if accounts:
            request = rf.get("/admin/")
            account = accounts.pop(0)
            if account:
                request.COOKIES[settings.SESSION_COOKIE_NAME] = "of any session"
            request.session = {SESSION_KEY: account} if account else {}
            answered = share(request)
            statuses.append(answered.status_code)
            assert ("Refresh" in answered) == (answered.status_code == 429)
        return HttpResponse()

    share = FairShare(answer)
    answer(rf.get("/"))
    assert not share._running
    return statuses[::-1]


def test_one_account_is_answered_a_few_times_at_once(rf: Any) -> None:
    most = FairShare.MOST_AT_ONCE
    assert asked_at_once(rf, ["1"] * (most + 1)) == [200] * most + [429]
    assert asked_at_once(rf, ["1"] * most + ["2"]) == [200] * (most + 1)
    assert asked_at_once(rf, [""] * 3 * most) == [200] * 3 * most


def test_it_stands_where_it_knows_the_session_and_nothing_costs_much_before_it() -> None:
    order = settings.MIDDLEWARE
    assert order.index("clinic.middleware.FairShare") == order.index(SESSIONS) + 1
