"""What happens to a request: the actions of staff and patients, holds, undo, timeline, deadlines.

The admin, the patient's page and the worker call it. It must not know pages.
"""

from bookings.workflow.actions import (
    ALLOWED,
    NotAllowed,
    accept,
    allowed,
    assign,
    close,
    confirm,
    contacted,
    correct,
    decline,
    give_back,
    lapse,
    missed,
    move,
    note,
    offer,
    release,
    reopen,
    restore,
    withdraw,
)

__all__ = [
    "ALLOWED",
    "NotAllowed",
    "accept",
    "allowed",
    "assign",
    "close",
    "confirm",
    "contacted",
    "correct",
    "decline",
    "give_back",
    "lapse",
    "missed",
    "move",
    "note",
    "offer",
    "release",
    "reopen",
    "restore",
    "withdraw",
]
