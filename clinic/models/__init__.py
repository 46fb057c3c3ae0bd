"""The clinic itself: who it is, where, what it treats, who treats."""

from clinic.models.announcement import Announcement
from clinic.models.clinic import Clinic
from clinic.models.image import Image
from clinic.models.location import Closure, Location, OpeningPeriod
from clinic.models.message import Message
from clinic.models.missing import Missing
from clinic.models.practitioner import Credential, Practitioner
from clinic.models.redirect import Redirect
from clinic.models.second_factor import RecoveryCode, SecondFactor
from clinic.models.service import Service
from clinic.models.state import ContentVersion, KeyFingerprint, SearchDocument, Throttle
from clinic.models.user import User
from clinic.models.way import WayToStart

__all__ = [
    "Announcement",
    "Clinic",
    "Closure",
    "ContentVersion",
    "Credential",
    "Image",
    "KeyFingerprint",
    "Location",
    "Message",
    "Missing",
    "OpeningPeriod",
    "Practitioner",
    "RecoveryCode",
    "Redirect",
    "SearchDocument",
    "SecondFactor",
    "Service",
    "Throttle",
    "User",
    "WayToStart",
]
