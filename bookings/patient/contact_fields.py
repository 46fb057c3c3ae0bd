"""What people type to be reached and to ask for other times: in the booking form, on the private
page, at the desk."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from bookings.models import Enquiry
from clinic.lib.fields import phones
from clinic.lib.fields.visible_text import VisibleCharField, visible_name
from clinic.models import Clinic

no_control_characters = RegexValidator(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]",
    _("This contains characters we can’t read. Please type it again."),
    inverse_match=True,
)


def one_line(text: str) -> str:
    """The words of a text with single spaces between them."""
    return " ".join(text.split())


class ContactForm(forms.ModelForm):
    """Name, email, phone: at least one way to answer."""

    class Meta:
        model = Enquiry
        fields = ["name", "phone", "email"]
        labels = {"name": _("Your name"), "email": _("Email"), "phone": _("Phone")}
        help_texts: ClassVar[dict[str, Any]] = {
            "phone": _("We’ll call during our opening hours to arrange a time.")
        }
        error_messages = {
            "name": {
                "required": _("Enter your name so that we know what to call you."),
                "max_length": _("Enter a shorter form of your name."),
            },
            "email": {"invalid": _("Enter the full address, such as name@example.com.")},
        }
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "email": forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
            "phone": forms.TextInput(
                attrs={"autocomplete": "tel", "inputmode": "tel", "type": "tel"}
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.region = Clinic.objects.values_list("region", flat=True).get()
        if self.instance.phone:
            self.initial["phone"] = phones.display(self.instance.phone, self.region)
        # Typed as people write it: spaces, brackets and a country code are longer than E.164.
        self.fields["phone"] = forms.CharField(
            label=self.fields["phone"].label,
            help_text=self.fields["phone"].help_text,
            required=False,
            max_length=60,
            widget=self.fields["phone"].widget,
        )
        self.fields["phone"].widget.attrs["maxlength"] = 60

    def clean_name(self) -> str:
        name = one_line(visible_name(self.cleaned_data["name"]))
        no_control_characters(name)
        if not any(sign.isalnum() for sign in name):
            raise ValidationError(self.fields["name"].error_messages["required"], code="required")
        return name

    def clean_phone(self) -> str:
        text = one_line(visible_name(self.cleaned_data["phone"]))
        return phones.normalise(text, self.region) if text else ""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        given = data.get("email") or data.get("phone")
        if not given and not {"email", "phone"} & set(self.errors):
            self.add_error(
                "phone", _("Enter a phone number or an email address so that we can reply.")
            )
        return data


class AskForm(forms.Form):
    """What a patient says who would like other times."""

    text = VisibleCharField(
        label=_("What times would work better for you?"),
        help_text=_("For example: not before 10, or any time after the 14th."),
        required=False,
        max_length=1000,
        validators=[no_control_characters],
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 1000}),
        error_messages={"max_length": _("Please shorten this to 1,000 characters.")},
    )

    def clean_text(self) -> str:
        return self.cleaned_data["text"].replace("\r\n", "\n")
