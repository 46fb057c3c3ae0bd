"""The columns that are read from CSL-JSON, and those of a library from before."""

from importlib import import_module

import pytest
from django.apps import apps

from articles.models import Reference
from articles.models.reference import in_a_line
from articles.references.columns import columns_of

NAMES = [
    ({"family": "Tulder", "given": "M", "non-dropping-particle": "van"}, "van Tulder"),
    ({"family": "Hu"}, "Hu"),
    ({"given": "Plato"}, "Plato"),
    ({"literal": "Pain Group"}, "Pain Group"),
    ({"literal": "others"}, "et al"),
]


@pytest.mark.parametrize(("person", "name"), NAMES)
def test_authors_are_named_as_they_are_called(person, name):
    assert columns_of({"title": "T", "author": [person]})["authors"] == name


@pytest.mark.parametrize(
    ("authors", "shown"),
    [
        ("", ""),
        ("Roe", "Roe"),
        ("A, B, C, D, E, F", "A, B, C, D, E, F"),
        ("A, B, C, D, E, F, G", "A, B, C, et\N{NO-BREAK SPACE}al"),
        ("A, et al", "A, et\N{NO-BREAK SPACE}al"),
    ],
)
def test_of_many_authors_three_are_shown(authors, shown):
    assert in_a_line(authors) == shown


def test_editors_stand_in_for_authors_and_odd_shapes_for_nobody():
    assert columns_of({"title": "T", "editor": [{"family": "Roe"}]})["authors"] == "Roe"
    assert columns_of({"title": "T", "author": ["x", {}, None]})["authors"] == ""


def test_a_library_from_before_is_named_alike(db):
    csl = {"title": "T", "author": [person for person, _name in NAMES]}
    Reference.objects.create(key="old2020", csl=csl, authors="Tulder, Hu, others")
    Reference.objects.create(key="odd2020", csl={"title": "T", "author": "?"}, authors="?")
    migration = import_module("articles.migrations.0010_name_authors_with_particles")
    migration.name_authors(apps, None)
    named = dict(Reference.objects.values_list("key", "authors"))
    assert named == {"old2020": columns_of(csl)["authors"], "odd2020": "?"}
