"""Who may do what. One table, and one function that makes the database agree with it."""

from django.contrib.auth.models import AbstractUser, Group, Permission

AUTHOR, REVIEWER, EDITOR = "Author", "Clinical reviewer", "Editor"
RECEPTIONIST, PRACTITIONER, MANAGER = "Receptionist", "Practitioner", "Manager"

_ALL = ("view", "add", "change", "delete")
_DESK = {"clinic.image": ("view", "add", "change"), "articles.reference": ("view", "add", "change")}
_READ = {
    "clinic.practitioner": ("view",),
    "clinic.service": ("view",),
    "clinic.location": ("view",),
    "articles.topic": ("view",),
    "articles.edition": ("view",),
    "articles.referencenotice": ("view",),
    "articles.question": _ALL,
}
_WRITE = {**_DESK, **_READ, "articles.article": ("view", "add", "change")}
_REVIEW = {**_READ, "articles.article": ("view", "review"), "articles.reference": ("view",)}
_EDIT = {
    **_WRITE,
    "articles.article": ("view", "add", "change", "delete", "publish"),
    "articles.topic": _ALL,
    "clinic.image": _ALL,
    "articles.reference": _ALL,
    "articles.referencenotice": ("view", "change"),
    "clinic.announcement": _ALL,
    "clinic.redirect": _ALL,
    "clinic.missing": ("view", "delete"),
    "clinic.practitioner": ("view", "add", "change"),
    "clinic.credential": _ALL,
    "clinic.service": ("view", "add", "change"),
    "clinic.location": ("view", "change"),
    "clinic.openingperiod": _ALL,
    "clinic.closure": _ALL,
    "bookings.tally": ("view",),
}
_RECEIVE = {
    "bookings.enquiry": ("view", "add", "change"),
    "bookings.offer": ("view", "add", "change"),
    "bookings.answertemplate": _ALL,
    "clinic.practitioner": ("view",),
    "clinic.service": ("view",),
    "clinic.location": ("view",),
    "clinic.message": ("view",),
}

TABLE: dict[str, dict[str, tuple[str, ...]]] = {
    AUTHOR: _WRITE,
    REVIEWER: _REVIEW,
    EDITOR: _EDIT,
    RECEPTIONIST: _RECEIVE,
    PRACTITIONER: {"bookings.enquiry": ("view_given",)},
    MANAGER: {
        **_RECEIVE,
        **_EDIT,
        "articles.article": (*_EDIT["articles.article"], "review"),
        "bookings.enquiry": ("view", "add", "change", "delete", "export"),
        "clinic.clinic": ("view", "change"),
        "clinic.waytostart": _ALL,
        "clinic.location": _ALL,
        "clinic.practitioner": _ALL,
        "clinic.service": _ALL,
        "clinic.user": ("view", "add", "change"),
        "auth.group": ("view",),
    },
}


def sees_enquiries(user: AbstractUser) -> bool:
    """Whether any right that concerns requests was given to this account; that to see numbers of
    them, without a person, does not count."""
    rights = {name for name in user.get_all_permissions() if name.startswith("bookings.")}
    return bool(rights - {"bookings.view_tally"})


def ensure() -> None:
    """Give each group the permissions of TABLE, no more and no less. Runs after every migrate."""
    permissions = {
        f"{p.content_type.app_label}.{p.codename}": p
        for p in Permission.objects.select_related("content_type")
    }
    for name, models in TABLE.items():
        wanted = []
        for model, verbs in models.items():
            app, model_name = model.split(".")
            wanted += [f"{app}.{verb}_{model_name}" for verb in verbs]
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.set([permissions[w] for w in wanted if w in permissions])
