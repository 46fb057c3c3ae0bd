"""Forms about accounts: a colleague is invited, or leaves."""

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminEmailInputWidget, AdminTextInputWidget
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from clinic.accounts import roles, staff_accounts
from clinic.lib.fields.visible_text import VisibleCharField, VisibleEmailField
from clinic.models import User


class InviteForm(forms.ModelForm):
    """Name, address and roles; the user name is made from the address, the password is theirs."""

    email = VisibleEmailField(
        label=_("Email"),
        widget=AdminEmailInputWidget,
        help_text=_("We send the invitation and any password reset links here."),
    )
    groups = forms.ModelMultipleChoiceField(
        Group.objects.order_by("name"),
        label=_("Roles"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one role.")},
    )

    class Meta:
        model = User
        fields = ("first_name", "last_name", "email", "groups")

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        other = User.objects.filter(email__iexact=email).first()
        if other:
            raise ValidationError(
                _t("%(name)s (%(username)s) already has this address."),
                params={"name": other, "username": other.get_username()},
            )
        return email


class AccountForm(UserChangeForm):
    """An account as it is changed. Somebody must stay who can give roles."""

    first_name = VisibleCharField(
        label=_("First name"), max_length=150, required=False, widget=AdminTextInputWidget
    )
    last_name = VisibleCharField(
        label=_("Last name"), max_length=150, required=False, widget=AdminTextInputWidget
    )
    email = VisibleEmailField(label=_("Email"), required=False, widget=AdminEmailInputWidget)

    def clean_groups(self) -> Any:
        """Refuse to take the role from the last manager."""
        chosen = self.cleaned_data["groups"]
        managers = User.objects.filter(groups__name=roles.MANAGER, is_active=True)
        keys = list(managers.select_for_update().order_by("pk").values_list("pk", flat=True))
        if keys == [self.instance.pk] and not chosen.filter(name=roles.MANAGER).exists():
            raise ValidationError(
                _t(
                    "This is the only manager. Without one, nobody could invite colleagues or "
                    "give roles. Make someone else a manager first."
                )
            )
        return chosen


class LeaveForm(forms.Form):
    """For each kind of work that a colleague leaves, who takes it over."""

    def __init__(self, *args: Any, leaver: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for each, count in staff_accounts.things_of(leaver):
            receivers = each.receivers().exclude(pk=leaver.pk)
            possible = receivers.exists()
            self.fields[each.key] = forms.ModelChoiceField(
                receivers,
                label=f"{each.label} ({count})",
                required=possible,
                empty_label=_("Choose a colleague")
                if possible
                else _("No one else has permission"),
                help_text="" if possible else _("Leave unassigned for now"),
            )
