"""The words of services, practitioners and locations in the search index."""

from clinic.lib import markdown
from clinic.lib.database import search
from clinic.models import Location, Practitioner, SearchDocument, Service


def index_for_search(thing: Practitioner | Service | Location) -> None:
    """Put the words of a service, practitioner or location into the search index."""

    def plain(text: str) -> str:
        return markdown.render(text).plain

    kind = thing._meta.model_name or ""
    if not thing.is_public:
        search.remove(SearchDocument, kind, thing.pk)
        return
    match thing:
        case Service():
            words = [thing.summary, plain(thing.description), thing.risks, thing.not_for]
        case Practitioner():
            words = [thing.role, thing.summary, plain(thing.biography), thing.languages]
        case Location():
            access = plain(thing.accessibility)
            words = [thing.street, thing.city, thing.how_to_find, access]
    search.put(SearchDocument, kind, thing.pk, thing.name, "\n".join(words))
