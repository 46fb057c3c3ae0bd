"""The clinic's part of the staff's desk."""

from clinic.admin import details, notices, people, pictures, places

__all__ = ["details", "notices", "people", "pictures", "places"]
