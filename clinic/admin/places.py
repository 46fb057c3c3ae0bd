"""Where the clinic is, when it is open, what it offers there, and what it asks first."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models import Q, QuerySet
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from clinic.admin.base import FIELDS, PublicAdmin
from clinic.admin.ordering import Ordered
from clinic.finding.indexing import forget, index_for_search
from clinic.models import Closure, Location, OpeningPeriod, RedFlag, Service, Version
from clinic.models.service import Place, lines
from clinic.site import triage

AS_CHECKBOXES = {**FIELDS, models.ManyToManyField: {"widget": CheckboxSelectMultiple}}


class OpeningPeriodInline(admin.StackedInline):
    model = OpeningPeriod
    formfield_overrides = FIELDS
    extra = 0
    fields = [("weekday", "opens", "closes")]
    verbose_name = _("opening period")
    verbose_name_plural = _("opening hours")


class ClosureInline(admin.StackedInline):
    model = Closure
    formfield_overrides = FIELDS
    extra = 0
    fields = [("starts_on", "ends_on"), "reason"]


@admin.register(Location)
class LocationAdmin(Ordered, PublicAdmin):
    address_kind = "location"
    help_sections = {"directions": "The writing format"}
    phone_fields = ("phone",)
    prose_fields = ("directions", "accessibility")
    list_display = ["name", "street", "city", "is_public"]
    list_filter = ["is_public"]
    search_fields = ["name", "street", "city"]
    search_fact = "city"
    prepopulated_fields = {"slug": ["name"]}
    inlines = [OpeningPeriodInline, ClosureInline]
    fieldsets = [
        (None, {"fields": ["name", "slug", "phone", "email", "is_public"]}),
        (
            _("Address"),
            {"fields": ["street", "postal_code", "city", "state", ("latitude", "longitude")]},
        ),
        (_("Getting here"), {"fields": ["how_to_find", "directions", "accessibility"]}),
        (_("Booking"), {"fields": ["booking_url"]}),
    ]

    def after_save(self, obj: Location) -> None:
        index_for_search(obj)

    def before_delete(self, objects: list[Location]) -> None:
        forget(objects)


@admin.register(Closure)
class ClosureAdmin(PublicAdmin):
    list_display = ["reason", "where", "starts_on", "ends_on"]
    list_filter = ["location"]
    list_select_related = ["location"]
    search_fields = ["reason"]
    search_fact = "where"
    autocomplete_fields = ["location"]
    ordering = ["-starts_on", "-id"]

    @admin.display(description=_("location"), ordering="location")
    def where(self, closure: Closure) -> str:
        return str(closure.location) if closure.location else str(_("All locations"))


SAFETY = ("risks", "not_for")


SHOWN_IN_ARTICLES = _(
    "Articles about this service show these details, so reviewers approve the details too. If you "
    "change the appointment lengths, price, typical course, risks or “Who should not have it”, "
    "those articles need a new review."
)


class ServiceForm(forms.ModelForm):
    """Asks before a list that keeps patients safe is emptied."""

    emptied = forms.BooleanField(label=_("Yes, remove the whole list"), required=False)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        if not cleaned.get("emptied"):
            for name in SAFETY:
                count = len(lines(self.initial.get(name) or ""))
                if count and name in cleaned and not lines(cleaned[name]):
                    self.add_error(name, _emptied(count))
        return cleaned


def _emptied(count: int) -> str:
    words = ngettext(
        "You have removed the only line of this list. If that is right, tick the box below the "
        "lists and save again.",
        "You have removed all %(n)d lines of this list. If that is right, tick the box below the "
        "lists and save again.",
        count,
    )
    return words % {"n": count}


@admin.register(Service)
class ServiceAdmin(Ordered, PublicAdmin):
    form = ServiceForm
    address_kind = "service"
    help_sections = {"description": "The writing format"}
    prose_fields = ("description",)
    list_display = ["name", "first_minutes", "follow_minutes", "price_text", "is_public"]
    list_filter = ["is_public", "locations"]
    search_fields = ["name", "summary"]
    prepopulated_fields = {"slug": ["name"]}
    formfield_overrides = AS_CHECKBOXES
    readonly_fields = ["asked_first"]
    fieldsets = [
        (None, {"fields": ["name", "slug", "summary", "description", "is_public"]}),
        (
            _("Appointments"),
            {
                "description": SHOWN_IN_ARTICLES,
                "fields": [
                    ("first_minutes", "follow_minutes"),
                    "price_text",
                    "typical_course",
                    "bring",
                    "booking_way",
                    "locations",
                    "booking_url",
                ],
            },
        ),
        (
            _("Safety"),
            {
                "description": SHOWN_IN_ARTICLES,
                "fields": SAFETY,
            },
        ),
        (_("Red flags"), {"fields": ["asked_first", "red_flags_reviewed_on"]}),
        (_("Appearance"), {"fields": ["place"]}),
    ]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the box below the lists when one of them has been emptied."""
        emptied = obj is not None and any(
            lines(getattr(obj, name)) and not lines(request.POST[name])
            for name in SAFETY
            if name in request.POST
        )
        return [
            (title, {**options, "fields": [*options["fields"], "emptied"]})
            if emptied and SAFETY[0] in options["fields"]
            else (title, options)
            for title, options in super().get_fieldsets(request, obj)
        ]

    def save_model(self, request: HttpRequest, obj: Service, form: Any, change: bool) -> None:
        before = Service.objects.filter(pk=obj.pk).first()
        self._note_changed_facts(before, obj)
        super().save_model(request, obj, form, change)

    def _restore_locked(self, request: HttpRequest, obj: Service, row: Version) -> HttpResponse:
        before = Service.objects.get(pk=obj.pk)
        response = super()._restore_locked(request, obj, row)
        self._note_changed_facts(before, obj)
        obj.save(update_fields=["facts_changed_at"])
        return response

    def _note_changed_facts(self, before: Service | None, obj: Service) -> None:
        """Set the moment from which sign-offs of articles about the service cover its facts."""
        if before is not None and before.facts() != obj.facts():
            obj.facts_changed_at = timezone.now()

    @admin.display(description=_("red flags"))
    def asked_first(self, service: Service) -> SafeString | str:
        """The red flags by level, with links to each, to add one, and to what is asked."""
        if service.pk is None:
            return _t("Save the service first.")
        context = {"service": service, "red_flags": triage.by_level(triage.of_service(service))}
        return render_to_string("admin/clinic/service/red_flags.html", context)

    def after_save(self, obj: Service) -> None:
        index_for_search(obj)

    def before_delete(self, objects: list[Service]) -> None:
        forget(objects)


REVIEW_AGAIN = timedelta(days=365)


class PlaceFilter(admin.SimpleListFilter):
    title = _("part of the body")
    parameter_name = "place"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*Place.choices, ("every", _("Every part"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[RedFlag]) -> QuerySet[RedFlag]:
        """Those that name this part themselves; JSON is searched differently by each database."""
        if self.value() is None:
            return queryset
        every, wanted = self.value() == "every", self.value()
        rows = RedFlag.objects.values_list("pk", "places")
        found = [pk for pk, places in rows if (not places if every else wanted in places)]
        return queryset.filter(pk__in=found)


class ReviewFilter(admin.SimpleListFilter):
    title = _("review")
    parameter_name = "review"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("due", _("Due"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[RedFlag]) -> QuerySet[RedFlag]:
        if self.value() != "due":
            return queryset
        return queryset.filter(Q(reviewed_on=None) | Q(reviewed_on__lte=_due_if_reviewed_on()))


def _due_if_reviewed_on() -> date:
    return timezone.localdate() - REVIEW_AGAIN


class RedFlagForm(forms.ModelForm):
    """Refuses what is there already: one red flag can belong to several services."""

    def clean_sentence(self) -> str:
        sentence: str = self.cleaned_data["sentence"]
        others = RedFlag.objects.exclude(pk=self.instance.pk)
        if others.filter(sentence__iexact=sentence).exists():
            raise ValidationError(
                _("There is a red flag with this sentence. Add the service to that one.")
            )
        return sentence


@admin.register(RedFlag)
class RedFlagAdmin(Ordered, PublicAdmin):
    form = RedFlagForm
    help_sections = {"level": "Red flags"}
    list_display = ["sentence", "level", "for_places", "for_services", "review", "is_public"]
    list_filter = ["level", PlaceFilter, "services", ReviewFilter, "is_public"]
    list_per_page = 50
    search_fields = ["sentence", "source"]
    search_fact = "level"
    formfield_overrides = AS_CHECKBOXES
    fieldsets = [
        (None, {"fields": ["sentence", "level", "is_public"]}),
        (_("Who is asked"), {"fields": ["services", "places"]}),
        (_("Review"), {"fields": ["reviewed_on", "source", "source_url"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[RedFlag]:
        return super().get_queryset(request).prefetch_related("services")

    @admin.display(description=_("parts of the body"))
    def for_places(self, flag: RedFlag) -> str:
        return flag.words_of_places or _t("Every part")

    @admin.display(description=_("services"))
    def for_services(self, flag: RedFlag) -> str:
        return ", ".join(str(service) for service in flag.services.all()) or "–"

    @admin.display(description=_("reviewed on"), ordering="reviewed_on")
    def review(self, flag: RedFlag) -> str:
        if flag.reviewed_on is None:
            return _t("Not reviewed")
        day = date_format(flag.reviewed_on)
        if flag.reviewed_on <= _due_if_reviewed_on():
            return _t("Due: last reviewed on %(day)s") % {"day": day}
        return day

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        before = list(form.instance.services.all())
        super().save_related(request, form, formsets, change)
        _warn_of_unasked(request, before)

    def delete_model(self, request: HttpRequest, obj: RedFlag) -> None:
        before = list(obj.services.all())
        super().delete_model(request, obj)
        _warn_of_unasked(request, before)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[RedFlag]) -> None:
        before = list(Service.objects.filter(red_flags__in=queryset).distinct())
        super().delete_queryset(request, queryset)
        _warn_of_unasked(request, before)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.asked_view)
        return [path("asked/", view, name="clinic_redflag_asked"), *super().get_urls()]

    def asked_view(self, request: HttpRequest) -> HttpResponse:
        """Show what patients are asked who choose a service, or a part of the body."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        services = list(Service.objects.filter(is_public=True))
        chosen = request.GET.get("of", "")
        service = next((each for each in services if f"service-{each.slug}" == chosen), None)
        places = {f"place-{place}": (place, label) for place, label in triage.PLACES}
        flags = []
        if service is not None:
            flags = triage.of_service(service)
        elif chosen in places:
            flags = triage.of_places([places[chosen][0]])
        context = {
            **self.admin_site.each_context(request),
            "title": _t("What patients are asked"),
            "list_title": self.title_of_list(request),
            "opts": self.opts,
            "services": [(f"service-{each.slug}", each.name) for each in services],
            "places": [(key, label) for key, (_place, label) in places.items()],
            "chosen": chosen if service is not None or chosen in places else "",
            "pages": triage.pages(flags),
        }
        return render(request, "admin/clinic/redflag/asked.html", context)


def _warn_of_unasked(request: HttpRequest, services: list[Service]) -> None:
    """Say which of these services have no red flags any more."""
    asked = set(Service.objects.filter(red_flags__is_public=True).values_list("pk", flat=True))
    for service in services:
        if service.pk not in asked:
            messages.warning(
                request,
                _t("%(service)s has no red flags now: who chooses it is asked nothing first.")
                % {"service": service},
            )
