"""Who may do what. One table, and one function that makes the database agree with it."""

from django.contrib.auth.models import AbstractUser, Group, Permission

from clinic import hooks

AUTHOR, REVIEWER, EDITOR = "Author", "Clinical reviewer", "Editor"
RECEPTIONIST, PRACTITIONER, MANAGER = "Receptionist", "Practitioner", "Manager"

ALL = ("view", "add", "change", "delete")
_READ: hooks.Rights = {
    "clinic.practitioner": ("view",),
    "clinic.service": ("view",),
    "clinic.redflag": ("view",),
    "clinic.location": ("view",),
}
_WRITE: hooks.Rights = {**_READ, "clinic.image": ("view", "add", "change")}
_EDIT: hooks.Rights = {
    "clinic.image": ALL,
    "clinic.announcement": ALL,
    "clinic.redirect": ALL,
    "clinic.missing": ("view", "delete"),
    "clinic.synonymgroup": ALL,
    "clinic.emptysearch": ("view", "delete"),
    "clinic.dailycount": ("view",),
    "clinic.practitioner": ("view", "add", "change"),
    "clinic.credential": ALL,
    "clinic.service": ("view", "add", "change"),
    "clinic.redflag": ("view", "add", "change"),
    "clinic.location": ("view", "change"),
    "clinic.openingperiod": ALL,
    "clinic.closure": ALL,
}
_RECEIVE: hooks.Rights = {**_READ, "clinic.message": ("view",)}

# What each role may do with the clinic itself. Each app adds its own models when it starts.
OWN: dict[str, hooks.Rights] = {
    AUTHOR: _WRITE,
    REVIEWER: _READ,
    EDITOR: _EDIT,
    RECEPTIONIST: _RECEIVE,
    PRACTITIONER: {},
    MANAGER: {
        **_RECEIVE,
        **_EDIT,
        "clinic.clinic": ("view", "change"),
        "clinic.waytostart": ALL,
        "clinic.insurer": ALL,
        "clinic.location": ALL,
        "clinic.practitioner": ALL,
        "clinic.service": ALL,
        "clinic.redflag": ALL,
        "clinic.user": ("view", "add", "change"),
        "clinic.securityevent": ("view",),
        "auth.group": ("view",),
    },
}
TABLE = hooks.role_permissions


def sees_enquiries(user: AbstractUser) -> bool:
    """Whether any right that concerns requests was given to this account; that to see numbers of
    them, without a person, does not count."""
    return any(
        shows_patients(name)
        for name in user.get_all_permissions()
        for shows_patients in hooks.patient_permissions
    )


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
