"""What stands behind a DOI or PMID, asked at Crossref and NCBI. The one place that uses HTTP.

Nothing is asked unless the setting REFERENCE_LOOKUPS allows it. Both services ask callers to say
who they are and to go slowly: Crossref's REST API etiquette, NCBI's E-utilities usage guidelines.
"""

import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q

from articles.import_problems import is_storable
from articles.models import Article, Reference
from articles.references import importing
from articles.references.citation_keys import Keys
from articles.references.formats import crossref, pubmed_xml
from articles.references.formats.cleaning import cleaned
from articles.references.formats.entry import Csl, Entry
from articles.references.formats.plain import stub_key
from articles.references.watch import imported, recording
from clinic.site import content_version, page_context

logger = logging.getLogger(__name__)

CROSSREF = "https://api.crossref.org/works/{doi}/transform/application/vnd.citationstyles.csl+json"
CROSSREF_WORKS = "https://api.crossref.org/works"
NCBI = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/efetch.fcgi"
# Redirects are followed within these domains only, so that no answer sends us into our own network.
OWN_DOMAINS = ("crossref.org", "ncbi.nlm.nih.gov")
MOST_REDIRECTS = 3
TIMEOUT = httpx.Timeout(10, connect=5)  # seconds
ATTEMPTS = 3
LONGEST_PAUSE = 20.0  # seconds between attempts, also where a service asks for more
MOST_BYTES = 2 * 1024 * 1024
A_ROUND = 5  # references looked up in one round of the worker, which has mail to send too
MOST_TRIES = 10  # rounds, further and further apart: about three days


class Unavailable(Exception):
    """The service did not answer, or not so that it can be read; ask again later."""


@dataclass
class Client:
    """`attempts`: 1 while a person waits. `transport` and `sleep` are there for tests."""

    site: str
    mail: str
    transport: httpx.BaseTransport | None = None
    sleep: Callable[[float], object] = field(default=time.sleep)
    attempts: int = ATTEMPTS

    def crossref(self, doi: str) -> Csl | None:
        """The entry of a DOI, or None if Crossref does not know it. Raises Unavailable."""
        answer = self._get(CROSSREF.format(doi=quote(doi, safe="")), {})
        if answer is None:
            return None
        try:
            found = json.loads(answer)
        except (ValueError, RecursionError) as error:
            raise Unavailable("Crossref's response is not JSON.") from error
        if not isinstance(found, dict) or not is_storable(found):
            raise Unavailable("Crossref's response is not an entry.")
        return cleaned(crossref.as_csl(found))

    def works(self, filters: str, *, rows: int, select: str = "") -> Any:
        """Crossref's metadata of the works that pass the filters, as its REST API answers.
        Raises Unavailable."""
        query = {"filter": filters, "rows": str(rows)} | ({"select": select} if select else {})
        answer = self._get(CROSSREF_WORKS, query)
        try:
            return json.loads(answer or b"[]")
        except (ValueError, RecursionError) as error:
            raise Unavailable("Crossref's response is not JSON.") from error

    def ncbi(self, pmid: str) -> Csl | None:
        """The entry of a PMID, or None if PubMed does not know it. Raises Unavailable."""
        query = {"db": "pubmed", "id": pmid, "retmode": "xml", "tool": "clinic-website"}
        answer = self._get(NCBI, {**query, "email": self.mail} if self.mail else query)
        if answer is None:
            return None
        try:
            found = list(pubmed_xml.read(answer))
        except pubmed_xml.Refused as error:
            raise Unavailable("PubMed's response contains entities.") from error
        entries = [entry for entry in found if isinstance(entry, Entry)]
        if not entries and found:
            raise Unavailable("PubMed's response is incomplete.")
        return cleaned(entries[0].csl) if entries else None

    def _get(self, url: str, query: dict[str, str]) -> bytes | None:
        """The body of the answer, None for 404. Tries again when the service is busy or away."""
        agent = f"clinic-website ({self.site}; mailto:{self.mail})"
        headers = {"User-Agent": agent}
        with httpx.Client(
            timeout=TIMEOUT,
            headers=headers,
            transport=self.transport,
            follow_redirects=True,
            max_redirects=MOST_REDIRECTS,
            event_hooks={"request": [_only_own_hosts]},
        ) as http:
            for attempt in range(1, self.attempts + 1):
                pause = 2.0**attempt
                try:
                    with http.stream("GET", url, params=query) as response:
                        if response.status_code == 404:
                            return None
                        if response.status_code == 200:
                            return _body(response)
                        why = f"{response.status_code} from {response.url.host}"
                        if response.status_code not in (429, 500, 502, 503, 504):
                            raise Unavailable(why)
                        asked = response.headers.get("Retry-After", "")
                        pause = float(asked) if asked.isdecimal() else pause
                except httpx.HTTPError as error:
                    why = f"{type(error).__name__} for {httpx.URL(url).host}"
                if attempt < self.attempts:
                    self.sleep(min(pause, LONGEST_PAUSE))
        raise Unavailable(why)


def complete_waiting(at: datetime) -> None:
    """Look up the stubs whose time has come: the worker's duty. Doing it twice is harmless."""
    if not settings.REFERENCE_LOOKUPS:
        return
    due = Reference.objects.kept().filter(lookup_due_at__lte=at).order_by("lookup_due_at", "id")
    waiting = list(due[:A_ROUND])
    if waiting:
        clinic = page_context.current().clinic
        look_up(waiting, Client(settings.SITE_URL, clinic.email), at=at)


def look_up(references: list[Reference], client: Client, *, at: datetime) -> None:
    """Ask for each of these; what does not answer is asked again later, up to MOST_TRIES times."""
    for reference in references:
        try:
            found = client.ncbi(reference.pmid) if reference.pmid else None
            if found is None and reference.doi:
                found = client.crossref(reference.doi)
        except Unavailable as error:
            logger.warning("%s has not been looked up yet: %s.", reference.key, error)
            _wait(reference, at)
            continue
        if found is None:
            logger.warning("%s is unknown to Crossref and PubMed.", reference.key)
            Reference.objects.filter(pk=reference.pk).update(lookup_due_at=None)
        else:
            _complete(reference.pk, found)
            recording.record(imported.findings(found), at=at)


def _wait(reference: Reference, at: datetime) -> None:
    tries = reference.lookup_tries + 1
    due = at + min(timedelta(minutes=5 * 2**tries), timedelta(days=1))
    Reference.objects.filter(pk=reference.pk).update(
        lookup_tries=tries, lookup_due_at=due if tries < MOST_TRIES else None
    )


def _complete(pk: int, found: Csl) -> None:
    """Make an entry of the stub. Its key becomes a readable one if no text has used it yet."""
    try:
        with transaction.atomic():
            reference = Reference.objects.select_for_update().get(pk=pk)
            importing.fill(reference, found)
            reference.lookup_due_at = None
            if _is_free_to_change(reference):
                taken = Reference.objects.values_list("key", flat=True)
                reference.key = Keys(taken).make(reference.csl)
            reference.save()
            content_version.raise_version()
    except IntegrityError:
        logger.warning(
            "The reference with id %s was changed during the lookup; it will be looked up again.",
            pk,
        )


def _is_free_to_change(reference: Reference) -> bool:
    provisional = reference.key in (stub_key(reference.doi, ""), stub_key("", reference.pmid))
    mention = f"@{reference.key}"
    texts = Q(body__contains=mention) | Q(takeaways__contains=mention)
    texts |= Q(questions__answer__contains=mention)
    used = reference.citations.exists() or Article.objects.filter(texts).exists()
    return provisional and not used


def _only_own_hosts(request: httpx.Request) -> None:
    """Raise Unavailable before anything but a look-up service is asked, over HTTPS."""
    url = request.url
    is_own = any(f".{url.host}".endswith(f".{domain}") for domain in OWN_DOMAINS)
    if url.scheme != "https" or url.port is not None or not is_own:
        raise Unavailable(f"a redirect to {url.host}, which is not followed")


def _body(response: httpx.Response) -> bytes:
    parts, size = [], 0
    for part in response.iter_bytes():
        size += len(part)
        if size > MOST_BYTES:
            raise Unavailable("The response is too long")
        parts.append(part)
    return b"".join(parts)
