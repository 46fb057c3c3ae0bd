"""The clinic: locations, services, practitioners, images, accounts, emails.

Everything but clinic/lib may call it. It must not know any other package but clinic/lib.
"""

from clinic.models.announcement import Announcement
from clinic.models.clinic import Clinic
from clinic.models.counts import DailyCount, Missing
from clinic.models.image import Image
from clinic.models.location import Closure, Location, OpeningPeriod
from clinic.models.message import Message
from clinic.models.practitioner import Credential, Practitioner
from clinic.models.redirect import Redirect
from clinic.models.search import EmptySearch, SearchDocument, SynonymGroup
from clinic.models.second_factor import RecoveryCode, SecondFactor
from clinic.models.service import Insurer, RedFlag, Service
from clinic.models.state import ContentVersion, Heartbeat, KeyFingerprint, Throttle
from clinic.models.user import SecurityEvent, User
from clinic.models.version import Version
from clinic.models.way import WayToStart

__all__ = [
    "Announcement",
    "Clinic",
    "Closure",
    "ContentVersion",
    "Credential",
    "DailyCount",
    "EmptySearch",
    "Heartbeat",
    "Image",
    "Insurer",
    "KeyFingerprint",
    "Location",
    "Message",
    "Missing",
    "OpeningPeriod",
    "Practitioner",
    "RecoveryCode",
    "RedFlag",
    "Redirect",
    "SearchDocument",
    "SecondFactor",
    "SecurityEvent",
    "Service",
    "SynonymGroup",
    "Throttle",
    "User",
    "Version",
    "WayToStart",
]
