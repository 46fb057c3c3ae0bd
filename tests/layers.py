"""The layers of each app, from the top down: a layer imports only what is below it.

An entry is a package of the app or a module directly in it. Entries of one layer do not import
each other. The diagram in docs/changing.md is drawn from this list.
"""

LAYERS = {
    "clinic": (
        ("apps", "settings", "urls", "dev"),
        ("startup", "admin_site", "management"),
        ("desk_search", "desk_help"),
        ("dashboard",),
        ("operations", "admin", "middleware", "wsgi"),
        ("accounts", "templatetags"),
        ("mail", "pictures", "finding", "counting"),
        ("site",),
        ("models",),
        ("hooks", "lib", "formats", "staticfiles"),
    ),
    "articles": (
        ("apps",),
        ("startup",),
        ("admin", "demo", "management"),
        ("importers", "sample_data"),
        ("publishing", "editor", "templatetags"),
        ("review", "public"),
        ("permissions", "manuscript"),
        ("references", "contributions"),
        ("models", "import_problems"),
    ),
    "bookings": (
        ("apps",),
        ("startup",),
        ("demo", "sample_rosters"),
        ("admin", "dashboard", "figures", "management", "sample_data", "urls"),
        ("intake", "privacy"),
        ("patient",),
        ("workflow", "templatetags"),
        ("calendars",),
        ("rosters",),
        ("models",),
    ),
}
# Below these is another app: both may import clinic, and neither may import the other.
APPS = (("articles", "bookings"), ("clinic",))


def diagram() -> str:
    """Return the layers as text: one line per layer, the top first."""
    lines = []
    for row in APPS:
        for app in row:
            names = [" · ".join(layer) for layer in LAYERS[app]]
            lines += [app, *(f"  │ {name}" for name in names[:-1]), f"  ▼ {names[-1]}", ""]
    return "\n".join(lines).rstrip()
