"""Taking a bibliography into the library: first a plan, then what was chosen of it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from articles.import_problems import Problem
from articles.models import Reference
from articles.references.columns import columns_of
from articles.references.duplicates import Known
from articles.references.formats.cleaning import STUB
from articles.references.formats.entry import Broken, Csl, Entry
from articles.references.formats.reading import Bibliography
from articles.references.watch import imported, recording
from clinic.site import content_version

# Written in one transaction: short enough that a booking never waits for it.
BATCH = 500


class Twin(StrEnum):
    """What to do with an entry that the library has already."""

    FILL = "fill"  # give ours what it lacks
    LEAVE = "leave"  # change nothing
    ADD = "add"  # keep both


@dataclass(frozen=True)
class Planned:
    """An entry and what would become of it. `twin`: the key of the same source in the library, or
    of an earlier entry; `same`: by what they are the same."""

    entry: Entry
    key: str  # the new key, or the twin's
    act: Twin
    twin: str = ""
    same: str = ""


@dataclass
class Report:
    """What happened, entry by entry. `notes` tell; `problems` are entries that were left out."""

    added: list[str] = field(default_factory=list)
    filled: list[str] = field(default_factory=list)
    already: list[str] = field(default_factory=list)
    waiting: int = 0
    notes: list[Problem] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def left_out(self) -> bool:
        return bool(self.problems)


Decide = Callable[[int], Twin]  # by the line of the entry


def plan(found: Iterable[Entry | Broken], decide: Decide) -> Iterator[Planned | Broken]:
    """What would become of each entry. Reads the library, writes nothing."""
    known = Known()
    for entry in found:
        if isinstance(entry, Broken):
            yield entry
            continue
        columns = columns_of(entry.csl)
        twin, same = known.find(columns)
        act = decide(entry.line) if twin else Twin.ADD
        if act == Twin.ADD:
            key = known.keys.make(entry.csl, entry.key)
            known.remember(key, columns)
            yield Planned(entry, key, act, twin, same)
        else:
            yield Planned(entry, twin, act, twin, same)


def take_in(bibliography: Bibliography, decide: Decide, *, at: datetime) -> Report:
    """Add and fill what the plan says, a batch at a time. Broken entries stop nothing.

    Run again after a break it finds what is there and adds the rest. Raises Unreadable before
    anything is changed.
    """
    report = Report()
    if bibliography.note:
        report.notes.append(Problem(bibliography.name, 1, bibliography.note))
    planned = plan(bibliography, decide)
    while batch := list(islice(planned, BATCH)):
        good = [step for step in batch if isinstance(step, Planned)]
        for step in batch:
            if isinstance(step, Broken):
                report.problems.append(Problem(bibliography.name, step.line, step.why))
        if good:
            _write(good, bibliography.name, report, at)
    return report


def filled(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> tuple[Csl, list[str]]:
    """Our entry with what theirs has beyond it, and the names of those fields.

    Ours wins, but for a stub: it is what is known until a whole entry comes.
    """
    if is_stub(theirs) and not is_stub(ours):
        theirs = {name: theirs[name] for name in ("DOI", "PMID") if name in theirs}
    replaces = is_stub(ours) and not is_stub(theirs)
    result = dict(theirs) if replaces else dict(ours)
    rest = ours if replaces else theirs
    for name, value in rest.items():
        if name == "custom" and isinstance(value, dict):
            result["custom"] = {**value, **_custom(result)}
        elif result.get(name) in (None, "", [], {}):
            result[name] = value
    return result, [name for name, value in result.items() if ours.get(name) != value]


def _write(steps: list[Planned], name: str, report: Report, at: datetime) -> None:
    """One batch in one transaction; a source that cannot be stored is left out and told of."""
    made: dict[str, Reference] = {}
    for step in steps:
        if step.act != Twin.ADD:
            continue
        reference = new_reference(step.entry, step.key, at, kept_apart=bool(step.twin))
        try:
            reference.clean_fields()
        except ValidationError as error:
            for problem in error.messages:
                report.problems.append(Problem(name, step.entry.line, problem))
            continue
        made[step.key] = reference
    changes = [step for step in steps if step.act == Twin.FILL]
    with transaction.atomic():
        Reference.objects.bulk_create(made.values())
        twins = Reference.objects.filter(key__in=[step.key for step in changes])
        ours = {reference.key: reference for reference in twins}
        results = [
            (step, step.key in ours and fill(ours[step.key], step.entry.csl)) for step in changes
        ]
        content_version.raise_version()
    if findings := [found for step in steps for found in imported.findings(step.entry.csl)]:
        recording.record(findings, at=at)
    for step, names in results:
        (report.filled if names else report.already).append(step.key)
    report.added += list(made)
    report.already += [step.key for step in steps if step.act == Twin.LEAVE]
    for step in steps:
        _tell(step, made.get(step.key), name, report)


def new_reference(entry: Entry, key: str, at: datetime, *, kept_apart: bool = False) -> Reference:
    """The entry as a row that is not saved yet."""
    csl, kind, sentence = own_words(entry.csl)
    if entry.key and entry.key != key and not is_stub(csl):
        csl.setdefault("citation-key", entry.key)
    reference = Reference(key=key, csl=csl, kind=kind, plain=sentence, kept_apart=kept_apart)
    set_columns(reference)
    if STUB in _custom(csl) and (reference.doi or reference.pmid):
        reference.lookup_due_at = at
    return reference


def own_words(csl: Mapping[str, Any]) -> tuple[Csl, str, str]:
    """The entry without our own words about it (`kind` and `plain` in `custom`), and those."""
    result, custom = dict(csl), dict(_custom(csl))
    kind, sentence = str(custom.pop("kind", "") or ""), str(custom.pop("plain", "") or "")
    if isinstance(csl.get("custom"), dict):
        result.pop("custom")
        if custom:
            result["custom"] = custom
    return result, kind[:40], sentence


def is_stub(csl: Mapping[str, Any]) -> bool:
    """Pasted words that nobody has made an entry of yet."""
    return STUB in _custom(csl) and csl.get("type") == "document" and not csl.get("author")


def set_columns(reference: Reference) -> None:
    """Read the searchable columns from the entry again."""
    for name, value in columns_of(reference.csl).items():
        setattr(reference, name, value)


def fill(reference: Reference, theirs: Mapping[str, Any]) -> list[str]:
    """Give a stored reference what it lacks, and save it. Returns the names of what came.

    A DOI or PMID that another reference has is not taken over.
    """
    theirs, kind, sentence = own_words(theirs)
    for name, place in (("doi", "DOI"), ("pmid", "PMID")):
        value = columns_of(theirs)[name]
        others = Reference.objects.kept().exclude(pk=reference.pk)
        if value and value != getattr(reference, name) and others.filter(**{name: value}).exists():
            theirs.pop(place, None)
    reference.csl, names = filled(reference.csl, theirs)
    for name, value in (("kind", kind), ("plain", sentence)):
        if value and not getattr(reference, name):
            setattr(reference, name, value)
            names.append(name)
    if names:
        set_columns(reference)
        if not is_stub(reference.csl):
            reference.lookup_due_at = None
        reference.save()
    return names


def _tell(step: Planned, made: Reference | None, name: str, report: Report) -> None:
    """Notes on an entry that was taken in."""

    def note(message: str) -> None:
        report.notes.append(Problem(name, step.entry.line, message))

    if step.entry.note:
        note(step.entry.note)
    if step.entry.aside:
        note(
            _("%(key)s: stored without a field of their own in CSL-JSON: %(names)s.")
            % {"key": step.key, "names": ", ".join(step.entry.aside)}
        )
    if made and made.lookup_due_at:
        report.waiting += 1
        if is_stub(made.csl):
            note(_("%(key)s: saved as pasted until its details are looked up.") % {"key": step.key})
    elif made and is_stub(made.csl):
        note(_("%(key)s: saved as pasted; complete its details when you can.") % {"key": step.key})


def _custom(csl: Mapping[str, Any]) -> Mapping[str, Any]:
    custom = csl.get("custom")
    return custom if isinstance(custom, dict) else {}
