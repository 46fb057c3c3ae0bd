"""The clinic, its places, people and services in the words of schema.org; pages as shared."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString

from clinic.lib.jsonld import pruned, script
from clinic.models import Clinic, Credential, Image, Location, Practitioner, Service
from clinic.models.location import OpeningPeriod
from clinic.site import page_context

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WIDTH, HEIGHT = 1200, 630  # of a picture that is drawn for sharing


def absolute(path: str) -> str:
    """An address with scheme and host, whatever it had before."""
    return path if path.startswith(("http://", "https://")) else settings.SITE_URL + path


def picture(image: Image | None) -> str | None:
    return absolute(image.file.url) if image else None


def clinic_id() -> str:
    return f"{settings.SITE_URL}/#clinic"


def of_clinic(clinic: Clinic, locations: tuple[Location, ...], *, on: date) -> dict[str, Any]:
    """MedicalClinic, with its places as departments, as they are known on a day."""
    return {
        "@type": "MedicalClinic",
        "@id": clinic_id(),
        "name": clinic.full_name,
        "legalName": clinic.legal_name,
        "url": f"{settings.SITE_URL}/",
        "telephone": clinic.phone,
        "description": clinic.lead,
        "logo": picture(clinic.logo),
        "medicalSpecialty": "Physiotherapy",  # schema.org's own word, in every locale
        "department": [of_location(location, clinic, on=on) for location in locations],
    }


def of_location(location: Location, clinic: Clinic, *, on: date) -> dict[str, Any]:
    """MedicalClinic at an address, with its weekly hours and the closures that are not over."""
    closures = location.closures_of(page_context.closures())
    has_place = location.latitude is not None and location.longitude is not None
    return {
        "@type": "MedicalClinic",
        "name": f"{clinic.full_name}, {location.name}",
        "url": absolute(location.get_absolute_url()),
        "telephone": location.phone or clinic.phone,
        "email": location.email,
        "parentOrganization": {"@id": clinic_id()},
        "address": {
            "@type": "PostalAddress",
            "streetAddress": location.street,
            "postalCode": location.postal_code,
            "addressLocality": location.city,
            "addressRegion": location.state,
            "addressCountry": clinic.region,
        },
        "geo": {
            "@type": "GeoCoordinates",
            "latitude": str(location.latitude),
            "longitude": str(location.longitude),
        }
        if has_place
        else None,
        "openingHoursSpecification": [
            {
                "@type": "OpeningHoursSpecification",
                "dayOfWeek": f"https://schema.org/{DAYS[period.weekday]}",
                "opens": period.opens.isoformat("minutes"),
                "closes": _closes(period),
            }
            for period in location.periods.all()
        ],
        "specialOpeningHoursSpecification": [
            {
                "@type": "OpeningHoursSpecification",
                "description": closure.reason,
                # Closed all day, as search engines read it.
                "opens": "00:00",
                "closes": "00:00",
                "validFrom": closure.starts_on.isoformat(),
                "validThrough": closure.ends_on.isoformat(),
            }
            for closure in closures
            if closure.ends_on >= on
        ],
    }


def _closes(period: OpeningPeriod) -> str:
    """When a period ends; the whole day is 00:00 to 23:59, as 00:00 to 00:00 means closed."""
    is_whole_day = period.opens == period.closes == time(0)
    return "23:59" if is_whole_day else period.closes.isoformat("minutes")


def of_practitioner(
    person: Practitioner,
    credentials: Iterable[Credential] = (),
    locations: Iterable[Location] = (),
) -> dict[str, Any]:
    """Person, with what they have learnt and where they work, as far as it is given."""
    return {
        "@type": "Person",
        "name": person.name,
        "jobTitle": person.role,
        "url": absolute(person.get_absolute_url()) if person.is_public else None,
        "image": picture(person.photo),
        "knowsLanguage": person.spoken,
        "worksFor": {"@id": clinic_id()},
        "hasCredential": [
            {
                "@type": "EducationalOccupationalCredential",
                "name": credential.name,
                "credentialCategory": str(credential.get_kind_display()),
                "recognizedBy": {"@type": "Organization", "name": credential.issuer}
                if credential.issuer
                else None,
            }
            for credential in credentials
        ],
        "workLocation": [
            {"@type": "Place", "name": place.name, "url": absolute(place.get_absolute_url())}
            for place in locations
        ],
    }


def of_service(service: Service) -> dict[str, Any]:
    return {
        "@type": "MedicalTherapy",
        "name": service.name,
        "url": absolute(service.get_absolute_url()),
        "description": service.summary,
        "relevantSpecialty": "Physiotherapy",
        "contraindication": service.not_for_lines,
        "adverseOutcome": service.risk_lines,
    }


def crumbs(*steps: tuple[str, str]) -> dict[str, Any]:
    """BreadcrumbList of (name, path), from the home page on."""
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": n, "name": name, "item": absolute(path)}
            for n, (name, path) in enumerate(steps, start=1)
        ],
    }


def graph(*things: dict[str, Any]) -> SafeString:
    """Several things about one page, as one script element."""
    return script(pruned({"@context": "https://schema.org", "@graph": list(things)}))


@dataclass(frozen=True)
class Share:
    """What a page looks like where its address is shared: Open Graph (https://ogp.me).

    kind: a type of Open Graph. picture: the address of one that was drawn for sharing, which
    goes before the image of the page."""

    title: str
    description: str
    image: Image | None = None
    picture: str = ""
    kind: str = "website"

    @property
    def image_url(self) -> str:
        if self.picture:
            return absolute(self.picture)
        return picture(self.image) or ""

    @property
    def width(self) -> int:
        return WIDTH if self.picture or not self.image else self.image.width

    @property
    def height(self) -> int:
        return HEIGHT if self.picture or not self.image else self.image.height

    @property
    def image_alt(self) -> str:
        return self.title if self.picture or not self.image else self.image.alt
