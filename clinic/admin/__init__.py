"""The clinic's part of the staff's desk."""

from clinic.admin import accounts, details, missing, notices, people, pictures, places

__all__ = ["accounts", "details", "missing", "notices", "people", "pictures", "places"]
