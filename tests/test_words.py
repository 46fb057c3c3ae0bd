"""Every word of the interface goes through gettext, and the layout turns with the script."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.utils.functional import Promise
from django.utils.translation.template import templatize

ROOT = Path(__file__).parents[1]
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))
STYLES = sorted((ROOT / "static" / "css").glob("*.css"))

# What is no sentence of the interface: parts of the template language, scripts, styles, comments.
SILENT = re.compile(
    r"\{#.*?#\}|\{% comment .*?\{% endcomment %\}|\{% blocktranslate.*?\{% endblocktranslate %\}"
    r"|\{% block bodyclass %\}.*?\{% endblock[^%]*%\}"
    r"|\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->|<!doctype[^>]*>"
    r"|<(script|style|svg)\b.*?</\1>",
    re.S,
)
SAID_BY_ATTRIBUTE = re.compile(r'\b(?:aria-label|alt|title|placeholder|label)="([^"]*)"')
TAG = re.compile(r"<[^>]*>")
ENTITY = re.compile(r"&#?\w+;")
WORD = re.compile(r"[A-Za-z]{2,}")
# Shows names of the code; and names that are the same in every language.
NAMES = {"styleguide.html"}
ALLOWED = {"doi", "PubMed", "BibTeX", "RIS"}

PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right)"
    r"|border-(?:top|bottom)-(?:left|right)-radius|left|right)(?:-\w+)?\s*:"
    r"|(?:text-align|float|clear)\s*:\s*(?:left|right)"
)


def untranslated(template: str) -> list[str]:
    """Words that stand in a template as they are."""
    # First what is hidden: a tag within an attribute would end the attribute's quotes.
    text = SILENT.sub(" ", template)
    said = SAID_BY_ATTRIBUTE.findall(text) if template.lstrip().startswith(("<", "{")) else []
    text = " ".join([*said, TAG.sub(" ", text)])
    return [word for word in WORD.findall(ENTITY.sub(" ", text)) if word not in ALLOWED]


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("<p>Hello</p>", ["Hello"]),
        ('<a aria-label="Close">{{ x }}</a>', ["Close"]),
        ("<p>{% translate 'Hello' %} {# Note #} {{ name }}</p>", []),
        ("{% blocktranslate trimmed %}Hello {{ x }}{% endblocktranslate %}", []),
        ("<p title=\"{% translate 'Hello' %}\">·</p>", []),
    ],
)
def test_the_scanner_sees_what_it_should(template: str, words: list[str]):
    assert untranslated(template) == words


def test_templates_say_nothing_untranslated():
    assert len(TEMPLATES) > 80
    found = {
        str(path.relative_to(ROOT)): words
        for path in TEMPLATES
        if path.name not in NAMES and (words := untranslated(path.read_text()))
    }
    assert found == {}


def test_makemessages_can_read_every_template():
    """`makemessages` stops at a template in which a plural or a comment is not as it expects."""
    for path in TEMPLATES:
        templatize(path.read_text(), origin=str(path))


def test_models_name_what_staff_see_through_gettext():
    """Fields that a form may show, models that the desk lists, and their help."""
    plain = []
    for app in ("clinic", "articles", "bookings"):
        for model in apps.get_app_config(app).get_models():
            for field in model._meta.get_fields():
                if not getattr(field, "editable", False) or field.auto_created:
                    continue
                named = field.verbose_name != field.name.replace("_", " ")
                for words in (field.verbose_name if named else "", field.help_text):
                    if words and not isinstance(words, Promise):
                        plain.append(f"{model.__name__}.{field.name}: {words}")
    assert plain == []


def test_no_style_says_left_or_right():
    """Logical properties throughout: in a script from right to left everything turns."""
    found = [
        f"{path.name}: {match[0]}"
        for path in STYLES
        for match in PHYSICAL.finditer(re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S))
    ]
    assert len(STYLES) > 12
    assert found == []
