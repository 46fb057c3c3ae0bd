"""A practitioner's calendars at the desk: the one that is read, and the feed that is given out."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, cast

import httpx
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from bookings.calendars import feed, polling, problems, reader
from bookings.calendars.counts import Counts
from bookings.models import PractitionerCalendar, Roster
from clinic.lib.fields.visible_text import VisibleCharField
from clinic.models import User


class CalendarForm(forms.Form):
    """The address of a calendar, or a file of it."""

    address = VisibleCharField(
        label=_("Calendar address"),
        required=False,
        max_length=2000,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
        help_text=_(
            "The secret address in iCal format: in Google Calendar under “Integrate calendar”, in "
            "Outlook under “Publish calendar” (ICS). It is stored encrypted, and not shown again."
        ),
    )
    file = forms.FileField(
        label=_("Or a calendar file"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".ics,text/calendar"}),
        help_text=_("A file that ends in .ics. It is read once; later changes are not seen."),
    )

    tentative_is_free = forms.BooleanField(
        label=_("Tentative entries are free"),
        required=False,
        help_text=_("Otherwise, times that are not certain yet are not offered."),
    )
    declined_is_busy = forms.BooleanField(
        label=_("Declined invitations are busy"),
        required=False,
        help_text=_("Otherwise, a time is free again when the practitioner declines."),
    )

    def __init__(self, *args: Any, known: PractitionerCalendar | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = known
        if known:
            self.initial.update({name: getattr(known, name) for name in Counts._fields})

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        given = bool(data.get("address")), bool(data.get("file"))
        is_kept = self.known is not None and bool(self.known.address)
        if given == (True, True) or (given == (False, False) and not is_kept):
            raise forms.ValidationError(_("Enter an address or choose a file, not both."))
        return data

    def save(self, roster: Roster, at: datetime) -> str:
        """Enter the address or read the file, and say what was done; without either, read the
        known address again. Raises reader.Refused."""
        data = self.cleaned_data
        counts = Counts(*(data[name] for name in Counts._fields))
        if data["address"]:
            polling.enter(roster.practitioner, data["address"], at=at, counts=counts)
            return _t("The calendar address was saved. It will be read within a minute.")
        if data["file"]:
            content = data["file"].read(problems.MOST_BYTES + 1)
            polling.take_file(roster.practitioner, content, at=at, counts=counts)
            return _t("The calendar file was read.")
        assert self.known is not None  # checked by `clean`
        polling.count(self.known, counts, at=at)
        return _t("The calendar will be read within a minute.")


def state(calendar: PractitionerCalendar | None, at: datetime) -> str:
    """Return how a calendar is, in words: when it was read, or why not and what to do."""
    if calendar is None:
        return _t("None connected")
    if calendar.read_at is None:
        return problems.words(calendar.problem) or _t("Not read yet")
    ago = timesince(calendar.read_at, at, depth=1)
    count = len(calendar.busy(at, calendar.known_until or at))
    words = ngettext(
        "Read %(ago)s ago: %(count)d busy time ahead.",
        "Read %(ago)s ago: %(count)d busy times ahead.",
        count,
    ) % {"ago": ago, "count": count}
    return f"{words} {problems.words(calendar.problem)}".strip()


def last_read(practitioners: Iterable[Any], at: datetime) -> list[tuple[str, bool]]:
    """Return for each of these practitioners who has a calendar when it was last read, in words,
    and whether that is too long ago to promise a time."""
    rows = PractitionerCalendar.objects.filter(practitioner__in=practitioners)
    shown = rows.select_related("practitioner").defer("address", "spans")
    found = []
    for each in shown.order_by("practitioner__order", "practitioner__name", "id"):
        name = each.practitioner.name
        words = _t("%(name)s’s calendar has not been read yet.") % {"name": name}
        if each.read_at:
            ago = timesince(each.read_at, at, depth=1)
            words = _t("%(name)s’s calendar was read %(ago)s ago.") % {"name": name, "ago": ago}
        found.append((words, not each.is_fresh(at)))
    return found


@sensitive_post_parameters("address")
@require_http_methods(["GET", "HEAD", "POST"])
def calendar_page(
    request: HttpRequest, object_id: str, model_admin: admin.ModelAdmin
) -> HttpResponse:
    """What is known of a practitioner's calendars, and the buttons to change it."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    rows = Roster.objects.seen_by(cast(User, request.user)).select_related("practitioner__user")
    roster = get_object_or_404(rows, pk=object_id)
    at = timezone.now()
    if request.method != "POST":
        return _show(request, model_admin, roster, at)
    verb = request.POST.get("do", "")
    may = _may_edit if verb in ("enter", "read", "remove") else _may_share
    if not may(request, model_admin, roster):
        raise PermissionDenied
    if verb == "enter":
        return _enter(request, model_admin, roster, at)
    if verb == "make":
        made = feed.make(roster.practitioner, at=at)
        model_admin.log_change(request, roster, _t("A calendar feed was made."))
        return _show(request, model_admin, roster, at, link=feed.url(made))
    verbs: dict[str, Callable[[Roster, datetime], str]] = {
        "read": _read,
        "remove": _remove,
        "revoke": _revoke,
    }
    if verb not in verbs:
        return _show(request, model_admin, roster, at, status=400)
    return _done(request, model_admin, roster, verbs[verb](roster, at))


def _may_edit(request: HttpRequest, model_admin: admin.ModelAdmin, roster: Roster) -> bool:
    return model_admin.has_change_permission(request, roster)


def _may_share(request: HttpRequest, model_admin: admin.ModelAdmin, roster: Roster) -> bool:
    """Whether this person may make and revoke the feed: it is theirs, or they edit rosters."""
    is_own = roster.practitioner.user_id == request.user.pk
    return is_own or _may_edit(request, model_admin, roster)


def _enter(
    request: HttpRequest, model_admin: admin.ModelAdmin, roster: Roster, at: datetime
) -> HttpResponse:
    form = CalendarForm(request.POST, request.FILES, known=_known(roster))
    if form.is_valid():
        try:
            return _done(request, model_admin, roster, form.save(roster, at))
        except reader.Refused as refused:
            form.add_error("address" if form.cleaned_data["address"] else "file", str(refused))
    return _show(request, model_admin, roster, at, form=form, status=422)


def _done(
    request: HttpRequest, model_admin: admin.ModelAdmin, roster: Roster, words: str
) -> HttpResponse:
    model_admin.log_change(request, roster, words)
    messages.success(request, words)
    return HttpResponseRedirect(request.path)


def _known(roster: Roster) -> PractitionerCalendar | None:
    return PractitionerCalendar.objects.filter(practitioner=roster.practitioner).first()


def _read(roster: Roster, at: datetime) -> str:
    calendar = _known(roster)
    if calendar:
        polling.read_soon(calendar, at=at)
    return _t("The calendar will be read within a minute.")


def _remove(roster: Roster, at: datetime) -> str:
    PractitionerCalendar.objects.filter(practitioner=roster.practitioner).delete()
    return _t("The calendar was removed. Its busy times no longer count.")


def _revoke(roster: Roster, at: datetime) -> str:
    feed.revoke(roster.practitioner)
    return _t("The calendar feed was revoked. Its address no longer works.")


def _show(
    request: HttpRequest,
    model_admin: admin.ModelAdmin,
    roster: Roster,
    at: datetime,
    *,
    form: CalendarForm | None = None,
    link: str = "",
    status: int = 200,
) -> HttpResponse:
    calendar = _known(roster)
    context = {
        **admin.site.each_context(request),
        "title": _t("Calendar of %(name)s") % {"name": roster.practitioner},
        "opts": model_admin.opts,
        "roster": roster,
        "form": form or CalendarForm(known=calendar),
        "calendar": calendar,
        "state": state(calendar, at),
        "is_stale": calendar is not None and not calendar.is_fresh(at),
        "host": httpx.URL(calendar.address).host if calendar and calendar.address else "",
        "has_feed": hasattr(roster.practitioner, "calendar_feed"),
        "link": link,
        "may_edit": _may_edit(request, model_admin, roster),
        "may_share": _may_share(request, model_admin, roster),
    }
    return render(request, "admin/bookings/roster/calendar.html", context, status=status)
