"""The library of pictures."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminFileWidget
from django.core.exceptions import ValidationError
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from clinic import pictures
from clinic.admin.base import PublicAdmin
from clinic.lib import images
from clinic.models import Image
from clinic.pictures import renditions

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
            raise ValidationError(
                format_html(
                    _t("This image is already in the library: <a href='{}'>{}</a>."),
                    reverse("admin:clinic_image_change", args=[known.pk]),
                    known,
                )
            )
        self.instance.sha256 = intake.sha256
        self.instance.width, self.instance.height = intake.width, intake.height
        return name


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
        upload = request.FILES.get("file")
        if upload is None or not self.has_add_permission(request):
            return super().changeform_view(request, *args, **kwargs)
        with pictures.received(upload) as received:
            upload.received = received  # type: ignore[attr-defined]
            return super().changeform_view(request, *args, **kwargs)

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
        kinds: dict[str, list[Any]] = {}
        for _kind, thing in found:
            kinds.setdefault(str(thing._meta.verbose_name_plural), []).append(thing)
        return format_html(
            "{}<p>{}</p>",
            format_html_join("", "<p>{} ({})</p><ul>{}</ul>", map(_listed, kinds.items())),
            _t("It can’t be deleted while it is in use."),
        )


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
