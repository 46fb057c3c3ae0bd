"""The clinic's part of the staff's desk."""

from clinic.admin import details, missing, notices, people, pictures, places

__all__ = ["details", "missing", "notices", "people", "pictures", "places"]
