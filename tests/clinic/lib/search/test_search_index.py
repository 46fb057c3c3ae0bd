"""The index: both databases match the same rows, and no writer brings it out of step."""

import pytest
from django.db import connection, models
from django.test.utils import isolate_apps
from hypothesis import given
from hypothesis import strategies as st

from clinic.lib.search import index
from clinic.lib.search.index import ALL, HEAD, NAME, Look, Wanted
from clinic.lib.search.words import stems

pytestmark = pytest.mark.database

with isolate_apps():

    class Row(models.Model):
        id = models.BigAutoField(primary_key=True)
        name = models.TextField()
        heads = models.TextField()
        topic = models.TextField()
        rest = models.TextField()

        class Meta:
            app_label = "scratch"
            db_table = "test_search_row"


@pytest.fixture(autouse=True)
def rows(db: None) -> None:
    """The table of Row and its index; they go with the test's transaction."""
    create_table()
    index.install(connection, Row)


def create_table(name: str = "test_search_row") -> None:
    key = "bigserial" if connection.vendor == "postgresql" else "integer"
    columns = ", ".join(f"{field} text NOT NULL" for field in index.FIELDS)
    run(f"CREATE TABLE {name} (id {key} PRIMARY KEY, {columns})")


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def put(number: int, name: str = "", heads: str = "", topic: str = "", rest: str = "") -> None:
    Row.objects.update_or_create(
        id=number, defaults={"name": name, "heads": heads, "topic": topic, "rest": rest}
    )


def found(*groups: list[Wanted], among: int = ALL, any_of: bool = False, most: int = 9) -> set[int]:
    return index.matching(Row, groups, [Look(among, any_of)], most=most)


def word(*stems: str, prefix: bool = False, phrase: bool = False) -> Wanted:
    return Wanted(stems, phrase=phrase, prefix=prefix)


def test_all_groups_are_wanted_or_any():
    put(1, "knee", rest="pain on stair")
    put(2, "neck", rest="pain")
    assert found([word("knee")], [word("pain")]) == {1}
    assert found([word("knee")], [word("pain")], any_of=True) == {1, 2}
    assert found([word("knee"), word("neck")], [word("pain")]) == {1, 2}
    assert found([word("pain", "stair")]) == {1}
    assert found() == set()


def test_fields_narrow():
    put(1, name="knee")
    put(2, heads="a\nknee")
    put(3, topic="knee")
    put(4, rest="knee")
    assert found([word("knee")], among=NAME) == {1}
    assert found([word("knee")], among=HEAD) == {1, 2, 3}
    assert found([word("knee")]) == {1, 2, 3, 4}


def test_phrases_and_beginnings():
    put(1, rest="frozen shoulder")
    put(2, rest="shoulder that is frozen")
    assert found([word("frozen", "shoulder", phrase=True)]) == {1}
    assert found([word("frozen", "shoulder")]) == {1, 2}
    assert found([word("shoul", prefix=True)]) == {1, 2}
    assert found([word("shoul")]) == set()


def test_the_newest_are_looked_at_and_looks_add_up():
    for number in range(1, 6):
        put(number, name="knee" if number < 3 else "", rest="knee")
    assert found([word("knee")], most=2) == {4, 5}
    looks = [Look(NAME), Look(ALL)]
    assert index.matching(Row, [[word("knee")]], looks, most=1) == {2, 5}


def test_rows_are_counted_in_one_query(django_assert_num_queries):
    put(1, "knee")
    put(2, "knee pain")
    with django_assert_num_queries(1):
        groups = [[word("knee")], [word("pain")], [word("neck")], [word("neck"), word("pain")]]
        assert index.counts(Row, groups) == [2, 1, 0, 1]
    assert index.counts(Row, []) == []


@given(st.lists(st.text(max_size=12), min_size=1, max_size=4))
def test_whatever_is_put_is_found_by_its_stems(texts: list[str]):
    said = stems(" ".join(texts))
    put(1, rest=" ".join(said))
    for one in said:
        assert found([word(one)]) == {1}
        assert found([word(one, prefix=True)]) == {1}
    if said:
        assert found([word(*said, phrase=True)]) == {1}


# -- keeping in step ------------------------------------------------------------------------------


def test_other_writers_keep_the_index_in_step():
    put(1, "knee")
    put(2, "knee")
    Row.objects.filter(id=1).update(name="ankle")
    assert [found([word("ankle")]), found([word("knee")])] == [{1}, {2}]
    Row.objects.all().delete()
    assert found([word("knee")]) == set()


def test_installing_again_keeps_everything():
    put(1, "knee")
    index.install(connection, Row)
    index.install(connection, Row)
    assert found([word("knee")]) == {1}


def test_a_rebuilt_table_is_indexed_again_by_the_next_install():
    put(1, "knee")
    create_table("test_search_copy")
    run(
        "INSERT INTO test_search_copy (id, name, heads, topic, rest)"
        " SELECT id, 'ankle', heads, topic, rest FROM test_search_row"
    )
    run("DROP TABLE test_search_row")
    run("ALTER TABLE test_search_copy RENAME TO test_search_row")
    index.install(connection, Row)
    put(2, "ankle")
    assert [found([word("knee")]), found([word("ankle")])] == [set(), {1, 2}]


def test_rebuilding_loses_nothing():
    put(1, "knee")
    index.rebuild(Row)
    assert found([word("knee")]) == {1}


def test_without_a_table_there_is_nothing_to_install():
    run("DROP TABLE test_search_row")
    index.install(connection, Row)
    with connection.cursor() as cursor:
        assert "test_search_row" not in connection.introspection.table_names(cursor)
