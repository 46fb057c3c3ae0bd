"""References and topics of a folder: taken in, and as they are written."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import slug_re
from django.utils.text import slugify
from django.utils.translation import gettext as _

from articles.import_problems import Problems, check_keys
from articles.models import Reference, Topic
from articles.references.columns import columns_of
from articles.references.styles import ama
from clinic.models import Redirect, Service
from clinic.site import redirects

REFERENCES, TOPICS = "references.json", "topics.json"
TEXTS_OF_TOPIC = ("name", "hint", "introduction", "place")
KEYS_OF_TOPIC = (*TEXTS_OF_TOPIC, "slug", "services", "order", "redirects")


def add_reference(entry: Mapping[str, Any], line: int, problems: Problems) -> bool:
    """Take one source of references.json in; a key that is known keeps ours. True if it is new."""

    def problem(message: str, **names: str) -> bool:
        problems.add(REFERENCES, line, message % names)
        return False

    csl = dict(entry)
    key, custom = str(csl.pop("id", "")), csl.pop("custom", None)
    own = dict(custom) if isinstance(custom, dict) else {}
    if custom and not own:
        return problem(_("“custom” must be an object: { … }."))
    kind, plain = str(own.pop("kind", "")), str(own.pop("plain", ""))
    if own:
        csl["custom"] = own
    fresh = Reference(key=key, csl=csl, kind=kind, plain=plain, **columns_of(csl))
    known = Reference.objects.filter(key=key).first()
    if known and _is_same(known, fresh):
        return False
    if known:
        return problem(
            _("“%(key)s” is already the key of another source: %(title)s. Use a different key."),
            key=key,
            title=known.title or known.doi,
        )
    for name, value in (("doi", fresh.doi), ("pmid", fresh.pmid)):
        other = Reference.objects.filter(**{name: value}).first() if value else None
        if other:
            return problem(
                _("This source is already in the library as “%(key)s”. Cite it with that key."),
                key=other.key,
            )
    try:
        fresh.clean_fields()
    except ValidationError as error:
        problems.add_invalid(REFERENCES, line, error)
        return False
    fresh.save()
    return True


def as_entry(reference: Reference) -> dict[str, Any]:
    """The reference as CSL-JSON, with our own words about it in `custom`."""
    kept = reference.csl.get("custom")
    custom = {
        **(kept if isinstance(kept, dict) else {}),
        "kind": reference.kind,
        "plain": reference.plain,
    }
    entry = {name: value for name, value in reference.csl.items() if name != "custom"}
    entry["id"] = reference.key
    custom = {name: value for name, value in custom.items() if value != ""}
    return {**entry, "custom": custom} if custom else entry


def _is_same(ours: Reference, theirs: Reference) -> bool:
    """By DOI; where one of them has none, by title."""
    if ours.doi and theirs.doi:
        return ours.doi == theirs.doi
    return _title(ours) == _title(theirs)


def _title(reference: Reference) -> str:
    return " ".join(ama.plain_title(reference.csl).casefold().split())


def put_topic(entry: dict[str, Any], line: int, problems: Problems) -> bool:
    """Make the topic of this slug, or make it say what the entry says. True if that changed it."""
    check_keys(entry, KEYS_OF_TOPIC, TOPICS, line, problems)
    slug, services = str(entry.get("slug") or ""), entry.get("services") or []
    past = entry.get("redirects") or []
    if not isinstance(services, list) or not isinstance(past, list):
        problems.add(TOPICS, line, _("“services” and “redirects” must be lists: [ … ]."))
        return False
    topic = Topic.objects.filter(slug=slug).first() or Topic(slug=slug)
    before = topic_as_entry(topic) if topic.pk else None
    for name in TEXTS_OF_TOPIC:
        setattr(topic, name, entry.get(name) or "")
    topic.order = entry.get("order") or 0
    names = list(map(str, services))
    named = {service.slug: service for service in Service.objects.filter(slug__in=names)}
    for name in names:
        if name not in named:
            problems.add(TOPICS, line, _("There is no service “%(name)s”.") % {"name": name})
    try:
        topic.clean_fields()
        topic.validate_unique()
        redirects.check_free("topic", slug, topic.pk)
    except ValidationError as error:
        for message in error.messages:
            problems.add(TOPICS, line, f"{slug}: {message}")
        return False
    topic.save()
    topic.services.set(named.values())
    add_redirects("topic", topic.pk, map(str, past), TOPICS, line, problems)
    return before != topic_as_entry(topic)


def topic_as_entry(topic: Topic) -> dict[str, Any]:
    """The topic as topics.json has it; what is empty is left out."""
    entry = {
        **{name: getattr(topic, name) for name in TEXTS_OF_TOPIC},
        "slug": topic.slug,
        "order": topic.order,
        "services": sorted(topic.services.values_list("slug", flat=True)),
        "redirects": past_slugs("topic", topic.pk),
    }
    return {name: value for name, value in entry.items() if value not in ("", 0, [])}


def make_topic(name: str) -> Topic:
    """A new topic of this name, with a slug of its own. Raises ValidationError."""
    base = slugify(name)[:40] or "topic"
    taken = set(Topic.objects.values_list("slug", flat=True))
    slug, n = base, 1
    while slug in taken or Redirect.objects.filter(path=redirects.path_of("topic", slug)).exists():
        n += 1
        slug = f"{base}-{n}"
    topic = Topic(name=name, slug=slug)
    topic.clean_fields()
    topic.save()
    return topic


def past_slugs(kind: str, object_id: int) -> list[str]:
    """The past slugs of a thing, sorted."""
    before, after = redirects.path_of(kind, "\n").split("\n")
    paths = Redirect.objects.filter(kind=kind, object_id=object_id).values_list("path", flat=True)
    return sorted(path.removeprefix(before).removesuffix(after) for path in paths)


def add_redirects(
    kind: str, object_id: int, slugs: Iterable[str], file: str, line: int, problems: Problems
) -> bool:
    """Let these past slugs lead to the thing. True if one of them is new."""
    added = False
    for slug in slugs:
        if not slug_re.fullmatch(slug):
            problems.add(file, line, _("“%(slug)s” is not a valid slug.") % {"slug": slug})
            continue
        path = redirects.path_of(kind, slug)
        past, made = Redirect.objects.get_or_create(
            path=path, defaults={"kind": kind, "object_id": object_id}
        )
        added |= made
        if (past.kind, past.object_id) != (kind, object_id):
            problems.add(
                file, line, _("“%(path)s” already redirects to something else.") % {"path": path}
            )
    return added
