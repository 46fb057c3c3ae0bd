"""The library of pictures."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminFileWidget
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.forms.widgets import Script
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from clinic import pictures
from clinic.accounts.staff_accounts import user_of
from clinic.admin import stale
from clinic.admin.base import PublicAdmin
from clinic.lib import images
from clinic.lib.database import guards
from clinic.models import Image
from clinic.pictures import renditions
from clinic.site import content_version, page_context

DESCRIPTION = ["alt", "credit", "licence", "consent_note", ("focal_x", "focal_y")]


class ImageForm(forms.ModelForm):
    """A new picture. What it decoded to has been written already, outside the transaction."""

    file = forms.FileField(
        label=_("image"),
        widget=AdminFileWidget(attrs={"accept": images.ACCEPTED}),
        help_text=_(
            "PNG, JPEG, WebP or GIF, up to 12 MB. Location data is removed. For iPhone photos, "
            "choose Settings > Camera > Formats > Most Compatible."
        ),
    )

    class Meta:
        model = Image
        fields = ["file", "alt", "credit", "licence", "consent_note", "focal_x", "focal_y"]

    def clean_file(self) -> str:
        received = self.cleaned_data["file"].received
        if isinstance(received, images.Refused):
            raise ValidationError(str(received))
        intake, name = received
        known = Image.objects.filter(sha256=intake.sha256).first()
        if known:
            self.found(known)
        self.instance.sha256 = intake.sha256
        self.instance.width, self.instance.height = intake.width, intake.height
        return name

    def found(self, known: Image) -> None:
        """Refuse an image that is there already."""
        raise ValidationError(
            format_html(
                _t("This image is already in the library: <a href='{}'>{}</a>."),
                reverse("admin:clinic_image_change", args=[known.pk]),
                known,
            )
        )


class ReplaceForm(ImageForm):
    """The image that replaces another one; none where consent has ended."""

    consent_ended = forms.BooleanField(
        label=_("Consent has ended: remove the old image everywhere"),
        required=False,
        help_text=_(
            "It is also removed from published articles and earlier editions, and its files are "
            "deleted. This can’t be undone. You can leave the new image empty."
        ),
    )

    def __init__(self, *args: Any, old: Image, may_delete: bool, **kwargs: Any) -> None:
        kept = {name: getattr(old, name) for name in ("alt", "credit", "licence", "consent_note")}
        super().__init__(*args, **{**kwargs, "initial": kept})
        self.old, self.known = old, cast(Image | None, None)
        self.fields["file"].label = _("New image")
        self.fields["file"].required = False
        self.fields["consent_note"].widget.attrs["rows"] = 4
        for name in ("focal_x", "focal_y"):
            del self.fields[name]
        if not may_delete:
            del self.fields["consent_ended"]

    def clean_file(self) -> Any:
        return super().clean_file() if self.cleaned_data["file"] else None

    def found(self, known: Image) -> None:
        """Take an image that is there already, but for the old one."""
        if known == self.old:
            raise ValidationError(_t("This is the old image. Choose another file."))
        self.known = known

    def clean(self) -> Any:
        given = super().clean() or self.cleaned_data
        if "file" in given and not given["file"] and not given.get("consent_ended"):
            self.add_error("file", _t("Choose the new image."))
        return given

    def new(self, by: Any) -> Image | None:
        """Return the row of the new image, added to the library where it is not there yet."""
        if self.known or not self.cleaned_data["file"]:
            return self.known
        self.instance.uploaded_by = by
        return cast(Image, self.save())


class UseFilter(admin.SimpleListFilter):
    """Pictures that stand nowhere, to be sorted out."""

    title = _("where used")
    parameter_name = "used"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("not used"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return pictures.unused(queryset) if self.value() == "no" else queryset


class Described(admin.SimpleListFilter):
    """Pictures without alternative text cannot be published."""

    title = _("alt text")
    parameter_name = "described"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("missing")), ("yes", _("present"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        match self.value():
            case "no":
                return queryset.filter(alt="")
            case "yes":
                return queryset.exclude(alt="")
        return queryset


@admin.register(Image)
class ImageAdmin(PublicAdmin):
    class Media:
        js = [Script("js/admin/focal.js", type="module")]

    help_sections = {"alt": "Images", "focal_x": "Images"}
    list_display = ["thumbnail", "alt", "credit", "size", "use_count", "uploaded_at"]
    list_display_links = ["thumbnail", "alt"]
    search_fields = ["alt", "credit", "file"]
    list_filter = [UseFilter, Described, "licence"]
    list_per_page = 30

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is None:
            kwargs["form"] = ImageForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (
            ["preview", "uses", *DESCRIPTION, "size", "file_name"]
            if obj
            else ["file", *DESCRIPTION]
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ["preview", "uses", "size", "file_name"] if obj else []

    def get_queryset(self, request: HttpRequest) -> Any:
        return pictures.with_use_count(super().get_queryset(request))

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._receiving(request, super().changeform_view, *args, **kwargs)

    def _receiving(
        self, request: HttpRequest, view: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Call a view with the upload decoded, which it does in no transaction of its own."""
        upload = request.FILES.get("file")
        if upload is None or not self.has_add_permission(request):
            return view(request, *args, **kwargs)
        with pictures.received(upload) as received:
            upload.received = received  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.replace_view)
        return [
            path("<int:image_id>/replace/", view, name="clinic_image_replace"),
            *super().get_urls(),
        ]

    def replace_view(self, request: HttpRequest, image_id: int) -> HttpResponse:
        """Put another image in place of one: ask on GET, with all that shows it; act on POST."""
        if not (self.has_change_permission(request) and self.has_add_permission(request)):
            raise PermissionDenied
        image = Image.objects.filter(pk=image_id).first()
        if image is None:
            raise Http404
        return self._receiving(request, self._replace_view, image)

    def _replace_view(self, request: HttpRequest, image: Image) -> HttpResponse:
        things = [thing for _kind, thing in pictures.uses(image)]
        seen = stale.digest(image, [(type(t)._meta.label, t.pk) for t in things])
        posted = (request.POST, request.FILES) if request.method == "POST" else ()
        may_delete = self.has_delete_permission(request, image)
        form = ReplaceForm(*posted, old=image, may_delete=may_delete)
        if stale.is_stale(request, seen):
            form.full_clean()
            form.add_error(None, stale.refusal(image))
        if request.method == "POST" and form.is_valid():
            return self._replaced(request, image, form)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "list_title": self.title_of_list(request),
            "original": image,
            "title": _t("Replace image"),
            "subtitle": str(image),
            "preview": self.preview(image),
            "form": form,
            stale.FIELD: seen,
            "changing": _by_kind(t for t in things if not _is_frozen(t)),
            "published": _by_kind(t for t in things if _is_frozen(t)),
        }
        return render(request, "admin/clinic/image/replace.html", context)

    def _replaced(self, request: HttpRequest, image: Image, form: ReplaceForm) -> HttpResponse:
        """Replace it, and tell in the history of each thing what was done to it."""
        by, at, ended = user_of(request), timezone.now(), form.cleaned_data.get("consent_ended")
        with transaction.atomic():
            new = form.new(by)
            words = _t("The image “%(name)s” was replaced.") % {"name": image}
            if ended:  # nothing names it any more
                replaced = _t("An image was replaced, because consent has ended.")
                words = replaced if new else _t("An image was removed, because consent has ended.")
            changed = pictures.replace(image, new, by=by, at=at)
            for thing in [*changed, new] if new else changed:
                self.log_change(request, thing, words)
            content_version.raise_version()
        page_context.forget()
        if ended:
            try:
                for thing, told in pictures.forget(image, at=at):
                    self.log_change(request, thing, told)
            except IntegrityError:  # somebody has used it at this very moment
                messages.error(request, stale.refusal(image))
                return HttpResponseRedirect(request.get_full_path())
            page_context.forget()
            words = _t("The image and its files have been removed everywhere.")
        messages.success(request, words)
        if new is None:
            return HttpResponseRedirect(reverse("admin:clinic_image_changelist"))
        if form.known:
            messages.info(
                request,
                _t("The new image was already in the library. Its own alt text was kept."),
            )
        return HttpResponseRedirect(reverse("admin:clinic_image_change", args=[new.pk]))

    def save_model(self, request: HttpRequest, obj: Image, form: Any, change: bool) -> None:
        if not change:
            obj.uploaded_by = request.user  # type: ignore[assignment]
        elif {"focal_x", "focal_y"} & set(form.changed_data):
            obj.renditions_due = True
        super().save_model(request, obj, form, change)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What would go, and why it may not: a picture stays while something shows it."""
        gone, counts, missing, protected = super().get_deleted_objects(objs, request)
        used = [
            format_html("{}: {}", capfirst(kind), _link(thing))
            for image in objs
            for kind, thing in pictures.uses(image)
        ]
        return gone, counts, missing, used or protected

    def before_delete(self, objects: list[Image]) -> None:
        pictures.delete_files([name for image in objects for name in pictures.files_of(image)])

    @admin.display(description=_("image"))
    def thumbnail(self, image: Image) -> SafeString:
        return format_html(
            '<img class="thumbnail" src="{}" alt="{}" loading="lazy">',
            renditions.smallest_square(image),
            image.alt or _t("No alt text yet"),
        )

    @admin.display(description=_("image"))
    def preview(self, image: Image) -> SafeString:
        return format_html('<img class="preview" src="{}" alt="">', image.file.url)

    @admin.display(description=_("file"))
    def file_name(self, image: Image) -> str:
        return image.file.name or ""

    @admin.display(description=_("size"))
    def size(self, image: Image) -> str:
        return f"{image.width} × {image.height}"

    @admin.display(description=_("used"), ordering="use_count")
    def use_count(self, image: Image) -> str:
        count: int = image.use_count  # type: ignore[attr-defined]
        if count == 0:
            return _t("not used")
        return ngettext("%(count)d time", "%(count)d times", count) % {"count": count}

    @admin.display(description=_("used in"))
    def uses(self, image: Image) -> SafeString | str:
        found = pictures.uses(image)
        if not found:
            return _t("Not used. It can be deleted.")
        things = [thing for _kind, thing in found]
        return format_html(
            "{}<p>{}</p>", _by_kind(things), _t("It can’t be deleted while it is in use.")
        )


def _is_frozen(thing: Model) -> bool:
    """Whether a thing keeps what it showed."""
    return guards.is_frozen(thing._meta.db_table)


def _by_kind(things: Iterable[Model]) -> SafeString:
    """The things as lists of links, one for each kind."""
    kinds: dict[str, list[Any]] = {}
    for thing in things:
        kinds.setdefault(str(thing._meta.verbose_name_plural), []).append(thing)
    return format_html_join("", "<p>{} ({})</p><ul>{}</ul>", map(_listed, kinds.items()))


def _listed(kind: tuple[str, list[Any]]) -> tuple[str, int, SafeString]:
    """A kind of things, how many there are, and their links as items of a list."""
    name, things = kind
    return (
        capfirst(name),
        len(things),
        format_html_join("", "<li>{}</li>", ((_link(t),) for t in things)),
    )


def _link(thing: Any) -> SafeString | str:
    """The thing's name, as a link to where it is edited, if it is."""
    options = thing._meta
    try:
        url = reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[thing.pk])
    except NoReverseMatch:
        return str(thing)
    return format_html('<a href="{}">{}</a>', url, thing)
