"""Misspelt email domains, to be asked about: `gmial.com` may be right, but rarely is, and `.con`
never."""

LARGE = ("gmail.com", "googlemail.com", "hotmail.com", "icloud.com", "outlook.com", "yahoo.com")
# Endings that no address has, and what was meant. `.co`, `.cm`, `.om` and `.ne` exist.
ENDINGS = {
    **dict.fromkeys(("con", "cmo", "ocm", "comm", "coom", "vom", "xom", "cpm", "c0m"), "com"),
    **dict.fromkeys(("nte", "nett", "ner"), "net"),
    **dict.fromkeys(("ogr", "orgg", "rog"), "org"),
    **dict.fromkeys(("caa", "cca"), "ca"),
}
REAL = {"email.com", "gmail.co", "hotmail.co", "mail.com", "ymail.com"}  # as near, and in use


def suggestion(address: str) -> str:
    """The address as it was probably meant; empty where nothing looks wrong."""
    name, _at, domain = address.rpartition("@")
    domain = domain.lower()
    if domain in LARGE or domain in REAL:
        return ""
    rest, _dot, ending = domain.rpartition(".")
    domain = f"{rest}.{ENDINGS.get(ending, ending)}"
    meant = next((large for large in LARGE if _is_slip(domain, large)), domain)
    return f"{name}@{meant}" if ending in ENDINGS or meant != domain else ""


def _is_slip(typed: str, meant: str) -> bool:
    """One letter too many, missing or wrong, or two neighbours swapped."""
    if abs(len(typed) - len(meant)) > 1:
        return False
    pairs = zip(typed, meant, strict=False)
    start = next((place for place, (a, b) in enumerate(pairs) if a != b), len(meant))
    rest, wanted = typed[start:], meant[start:]
    return (
        rest[1:] == wanted[1:]
        or rest[1:] == wanted
        or rest == wanted[1:]
        or (rest[1::-1] == wanted[:2] and rest[2:] == wanted[2:])
    )
