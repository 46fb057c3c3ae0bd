"""The staff's desk: Django's admin, with its own site class.

It lies outside clinic/admin, which registers models with it when it is imported.
"""

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class StaffAdminConfig(AdminConfig):
    default_site = "clinic.staff.StaffAdminSite"


class StaffAdminSite(AdminSite):
    site_title = _("Staff")
    site_header = _("Staff")
    index_title = _("Today")
