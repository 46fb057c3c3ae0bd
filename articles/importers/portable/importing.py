"""Taking a folder of portable content in: all of it or nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from articles import publishing
from articles.importers.portable import library, pictures, texts
from articles.importers.portable.files import File
from articles.importers.portable.folder import Entry, Folder
from articles.importers.portable.texts import PortableText
from articles.manuscript.rendering import Issue
from articles.models import Article, Edition, Topic
from clinic.models import Practitioner, Service
from clinic.pictures import files_undone
from clinic.site import content_version, redirects


@dataclass
class Report:
    """How many of each were made or changed."""

    made: int = 0
    updated: int = 0
    unchanged: int = 0
    published: int = 0
    scheduled: int = 0
    references: int = 0
    topics: int = 0
    pictures: int = 0
    redirects: int = 0

    @property
    def changed(self) -> bool:
        everything = sum(vars(self).values())
        return everything > self.unchanged


@dataclass(frozen=True)
class Step:
    """A text and the moment at which it goes, or went, live."""

    at: datetime
    note: str
    file: File


def take_in(folder: Folder, *, publish: bool, at: datetime) -> Report:
    """Make texts, topics, references and pictures as the folder has them.

    `publish`: the operator's act. What is to be public is published, at its own date where that is
    past and it was not public before; without a review, and only rendering errors refuse.
    Raises NotImported; nothing is changed then, and no file is left behind.

    Here rendering happens inside the transaction, unlike anywhere else: a text that cannot be
    published must take back the others too.
    """
    folder.problems.stop_if_any()
    with files_undone():
        kept = pictures.keep(folder)
        folder.problems.stop_if_any()
        with transaction.atomic():
            report = _Import(folder, publish, at, kept).run()
            folder.problems.stop_if_any()
            if report.changed:
                content_version.raise_version()
    return report


@dataclass
class _Import:
    folder: Folder
    publish: bool
    at: datetime
    kept: pictures.Kept
    report: Report = field(default_factory=Report)
    articles: dict[str, Article] = field(default_factory=dict)  # by related_name

    def run(self) -> Report:
        problems = self.folder.problems
        self.report.pictures = self.kept.make_rows(problems)
        for line, source in self.folder.references:
            self.report.references += library.add_reference(source, line, problems)
        for line, topic in self.folder.topics:
            self.report.topics += library.put_topic(topic, line, problems)
        for entry in self.folder.entries:
            for file in entry.files:
                self._know_names(file)
        problems.stop_if_any()
        new = {e.manuscript.name for e in self.folder.entries if self._find(e.manuscript)}
        for entry in self.folder.entries:
            for file in entry.files:
                self._know_related(file)
        problems.stop_if_any()
        for entry in self.folder.entries:
            self._write_manuscript(entry, is_new=entry.manuscript.name in new)
        problems.stop_if_any()
        if self.publish:
            for entry in self.folder.entries:
                self._publish(entry)
        return self.report

    def _know_names(self, file: File) -> None:
        """Make topics that are unknown; unknown people and services are problems."""
        for key, slug in (("author", file.text.author), ("reviewer", file.text.reviewer)):
            if slug and not Practitioner.objects.filter(slug=slug).exists():
                self._problem(file, key, _("There is no practitioner “%s”.") % slug)
        for slug in file.text.services:
            if not Service.objects.filter(slug=slug).exists():
                self._problem(file, "services", _("There is no service “%s”.") % slug)
        for name in file.text.topics:
            if not Topic.objects.filter(name=name).exists():
                try:
                    library.make_topic(name)
                except ValidationError as error:
                    self._problem(file, "topics", f"{name}: {' '.join(error.messages)}")
                else:
                    self.report.topics += 1

    def _find(self, file: File) -> bool:
        """Find the article of this file, or make one that is empty. True if it was made."""
        article, made = Article.objects.get_or_create(
            kind=file.text.kind, slug=file.text.slug, defaults={"title": file.text.title}
        )
        try:
            redirects.check_free(article.kind, article.slug, article.pk)
        except ValidationError as error:
            self._problem(file, "slug", " ".join(error.messages))
        self.articles[texts.related_name(article.kind, article.slug)] = article
        self.report.redirects += library.add_redirects(
            article.kind,
            article.pk,
            file.redirects,
            file.name,
            file.line("redirects"),
            self.folder.problems,
        )
        return made

    def _know_related(self, file: File) -> None:
        for name in file.text.related:
            if name in self.articles:
                continue
            kind = "page" if name.startswith(texts.PAGE_PREFIX) else "article"
            slug = name.removeprefix(texts.PAGE_PREFIX)
            article = Article.objects.filter(kind=kind, slug=slug).first()
            if article:
                self.articles[name] = article
            else:
                self._problem(file, "related", _("There is no article or page “%s”.") % name)

    def _write_manuscript(self, entry: Entry, *, is_new: bool) -> None:
        changed = self._write(entry, entry.manuscript)
        if is_new:
            self.report.made += 1
        elif changed:
            self.report.updated += 1
        else:
            self.report.unchanged += 1

    def _write(self, entry: Entry, file: File) -> bool:
        """Make the manuscript of `entry` say what a file of it says; False if it does already."""
        article, text = self._article(entry), self._text(entry, file)
        if texts.of_article(article) == text:
            return False
        taken = Article.objects.filter(kind=text.kind, slug=text.slug).exclude(pk=article.pk)
        if taken.exists():
            self._problem(file, "slug", _("Another article or page already uses this slug."))
            return False
        texts.write(article, text, self.articles)
        return True

    def _publish(self, entry: Entry) -> None:
        """Publish and schedule what is not so yet, then give the manuscript its own text back.

        A text that was public before is published now, if at all: its past cannot be written.
        """
        editions = Edition.objects.filter(article=self._article(entry))
        steps = sorted(self._steps(entry), key=lambda step: step.at)
        due = [step for step in steps if step.at <= self.at]
        if editions.not_cancelled().exists():
            live = editions.live(self.at).first()
            is_public = live and due and texts.of_edition(live) == self._public(entry, due[-1])
            due = [] if is_public else due[-1:]
            told = set(editions.values_list("change_note", flat=True))
            due = [replace(s, at=self.at, note="" if s.note in told else s.note) for s in due]
        for step in due:
            self._issue(entry, step)
        for step in (step for step in steps if step.at > self.at):
            waiting = editions.waiting(self.at).filter(goes_live_at=step.at).first()
            if not (waiting and texts.of_edition(waiting) == self._public(entry, step)):
                self._issue(entry, step)
        self._write(entry, entry.manuscript)

    def _steps(self, entry: Entry) -> Iterator[Step]:
        """What a history of the text's own dates would have published, and will."""
        public = entry.manuscript.publication
        notes = dict(public.updates)
        coming_at = public.goes_live_at
        if public.state in ("", "published"):
            moments = {public.published_at or self.at, *notes}
            moments |= {public.updated_at} if public.updated_at else set()
            for moment in moments - {coming_at}:
                # What should have been later than now is now: the clock of a date is 9 o'clock.
                yield Step(
                    min(moment, self.at), notes.get(moment, ""), entry.live or entry.manuscript
                )
        if coming_at and public.state != "draft":
            note = notes.get(coming_at, "")
            yield Step(coming_at, note, entry.scheduled or entry.manuscript)

    def _issue(self, entry: Entry, step: Step) -> None:
        self._write(entry, step.file)
        is_due = step.at <= self.at
        try:
            publishing.publish(
                self._article(entry),
                by=None,
                at=step.at if is_due else self.at,
                goes_live_at=None if is_due else step.at,
                change_note=step.note,
                waiting="keep" if is_due else "cancel",
            )
        except publishing.TextHasProblems as refusal:
            for issue in refusal.issues:
                file = step.file
                self.folder.problems.add(file.name, _line(file, issue), issue.message)
        except publishing.NotPublished as refusal:
            self._problem(step.file, "slug", str(refusal))
        else:
            self.report.published += is_due
            self.report.scheduled += not is_due

    def _article(self, entry: Entry) -> Article:
        text = entry.manuscript.text
        found = self.articles[texts.related_name(text.kind, text.slug)]
        return Article.objects.get(pk=found.pk)

    def _text(self, entry: Entry, file: File) -> PortableText:
        """What a file says, with pictures as the library names them; the reviewer and the place
        in the menu are the manuscript's."""
        own = entry.manuscript.text
        text = texts.with_pictures(file.text, self.kept.address)
        hero = self.kept.file(text.hero) if text.hero else ""
        return replace(
            text, hero=hero, reviewer=own.reviewer, menu=own.menu, menu_below=own.menu_below
        )

    def _public(self, entry: Entry, step: Step) -> PortableText:
        return self._text(entry, step.file).public

    def _problem(self, file: File, key: str, message: str) -> None:
        self.folder.problems.add(file.name, file.line(key), message)


def _line(file: File, issue: Issue) -> int:
    """The line of the file in which a problem of the text stands."""
    if issue.where == "body":
        return file.line("body") + max(issue.line, 1) - 1
    key = issue.where.split()[0]  # "faq 2"
    return file.line({"takeaways": "key_takeaways"}.get(key, key))
