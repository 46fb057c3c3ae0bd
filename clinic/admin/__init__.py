"""The clinic's part of the admin, and the base classes of all admin classes.

The admin of every app may call it. It must not know the dashboard.
"""

from clinic.admin import accounts, details, missing, notices, people, pictures, places, works

__all__ = ["accounts", "details", "missing", "notices", "people", "pictures", "places", "works"]
