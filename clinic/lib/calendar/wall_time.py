"""What people agreed by the clock on the wall, written beside its moment.

The text is that of RFC 9557: `2026-12-08T10:00:00-07:00[America/Edmonton]`. Its date, time and zone
are what was agreed; its offset is that of the rules by which the stored moment was made from them.
When a zone gets new rules, the wall time stays and the moment moves. A text whose own moment is not
the stored one is out of date, and the stored moment counts.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

LONGEST = 110


def written(moment: datetime, zone: ZoneInfo) -> str:
    """Return a moment as people in this zone agreed it."""
    return f"{moment.astimezone(zone).isoformat()}[{zone.key}]"


def instant(text: str) -> datetime:
    """Return the moment of a text by the offset in it, in UTC. Also reads ISO 8601 without a zone.

    Raises ValueError for anything else.
    """
    return datetime.fromisoformat(text.partition("[")[0]).astimezone(UTC)


def renewed(text: str) -> str:
    """Return the text with the offset that the rules in use give its wall time.

    A wall time that the clocks now skip or repeat is read as in RFC 5545 (3.3.5): with the offset
    before the gap, and as the first of the two, unless the second was agreed. A zone that the data
    does not know keeps its offset.
    """
    iso, _bracket, name = text.rstrip("]").partition("[")
    try:
        zone = ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        zone = None
    if zone is None:
        return text
    agreed = datetime.fromisoformat(iso)
    first, second = (agreed.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    offset, later = first.utcoffset(), second.utcoffset()
    # Summer time ends: the second of two has the smaller offset. In a gap it has the greater.
    is_second = offset is not None and later is not None and later < offset
    is_second = is_second and later == agreed.utcoffset()
    return f"{(second if is_second else first).isoformat()}[{name}]"


def moved(text: str, moment: datetime) -> str:
    """Return the renewed text where a stored moment must move to keep its wall time, else ""."""
    if not text or instant(text) != moment:
        return ""
    new = renewed(text)
    return new if instant(new) != moment else ""
