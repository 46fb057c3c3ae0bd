"""The field for a text in the writing format, with the visual editor of static/js/admin/visual."""

import json
from typing import Any

from django import forms
from django.core.files.storage import default_storage
from django.forms.widgets import Script
from django.urls import reverse
from django.utils.translation import gettext as _

from clinic import hooks
from clinic.lib.markdown.callouts import TITLES


def _words() -> dict[str, Any]:
    """Return what static/js/admin/visual says: labels of dialogs and of blocks."""
    return {
        "found": _(
            "Suggestions: {count}. Use the arrow keys and Enter to choose, Escape to close."
        ),
        "save": _("Insert"),
        "change": _("Change"),
        "cancel": _("Cancel"),
        "remove": _("Remove"),
        "boxKind": _("Kind of box"),
        "boxes": {kind: str(title) for kind, title in TITLES.items()},
        "sideNote": _("Side note"),
        "asText": _("Written as text"),
        "link": _("Link"),
        "findPage": _("Find a page of this site"),
        "address": _("Address"),
        "linkText": _("Text of the link"),
        "removeLink": _("Remove the link"),
        "citation": _("Citation"),
        "findSource": _("Find a source: author, year or title"),
        "sources": _("Sources, each with its page if it has one: @chys2023, p. 3"),
        "picture": _("Image"),
        "findPicture": _("Find an image in the library"),
        "altText": _("Alt text: what the image shows"),
        "captionText": _("Caption"),
        "upload": _("Upload a new image …"),
        "alt": _("Alt text"),
        "altMissing": _("Alt text is missing."),
        "changePicture": _("Change the image …"),
        "booking": _("Booking panel"),
        "changeBooking": _("Change the panel …"),
        "bookingText": _("Text of the button"),
        "book": _("Request an appointment"),
        "findService": _("Find a service, or leave it to the reader"),
        "service": _("Service"),
    }


def context_of(lists: dict[str, str]) -> dict[str, Any]:
    """Return what a template of the editor needs beside Django's own. `lists`: the names of the
    URLs that are searched, by what they find."""
    return {
        "words": json.dumps(_words()),
        "boxes": [(kind, str(title)) for kind, title in TITLES.items()],
        "labels": json.dumps({kind: str(label) for kind, label in hooks.paste_labels.items()}),
        "media_url": default_storage.url("x").removesuffix("x"),
        "lists": {name: reverse(url) for name, url in lists.items()},
        "has_sources": "references" in lists,
        "has_pictures": "pictures" in lists,
    }


class WritingWidget(forms.Textarea):
    """A textarea that a script turns into the visual editor, without sources and images."""

    template_name = "admin/writing/editor.html"

    class Media:
        css = {"all": ["css/editor.css", "css/visual.css"]}
        js = [Script("js/admin/editor.js", type="module")]

    searches: tuple[str, ...] = ("pages",)

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Return the context of the template, with what the scripts say."""
        context: dict[str, Any] = super().get_context(name, value, attrs)
        context["widget"] |= context_of(
            {name: url for name, url in hooks.writing_lists.items() if name in self.searches}
        )
        return context


class CitingWidget(WritingWidget):
    """The same, with sources."""

    searches = ("pages", "references")
