"""Numbers that arrive as text."""

LARGEST = 2**63 - 1  # what a database's BIGINT holds


def whole_number(text: str) -> int | None:
    """Return the number written in ASCII digits, None for anything else and beyond BIGINT."""
    if not (text.isascii() and text.isdecimal() and len(text) < 20):
        return None
    number = int(text)
    return number if number <= LARGEST else None
