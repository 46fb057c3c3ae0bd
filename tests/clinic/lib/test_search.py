"""Search: what is found, in which order, and that no query and no writer can break it."""

import pytest
from django.db import connection, models
from django.test.utils import isolate_apps
from django.utils.safestring import SafeString

from clinic.lib.database import search

pytestmark = pytest.mark.database

with isolate_apps():

    class Document(models.Model):
        id = models.BigAutoField(primary_key=True)
        kind = models.CharField(max_length=20)
        object_id = models.PositiveBigIntegerField()
        title = models.TextField()
        body = models.TextField()

        class Meta:
            app_label = "scratch"
            db_table = "test_search_document"


@pytest.fixture(autouse=True)
def documents(db: None) -> None:
    """The table of Document and its index; they go with the test's transaction."""
    create_table()
    search.install(connection, Document)


def create_table(name: str = "test_search_document") -> None:
    key = "bigserial" if connection.vendor == "postgresql" else "integer"
    run(
        f"CREATE TABLE {name} (id {key} PRIMARY KEY, kind varchar(20) NOT NULL,"
        " object_id bigint NOT NULL, title text NOT NULL, body text NOT NULL,"
        " UNIQUE (kind, object_id))"
    )


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def put(number: int, title: str, body: str = "", kind: str = "article") -> None:
    search.put(Document, kind, number, title, body)


def found(query: str, **options: object) -> list[int]:
    return [hit.object_id for hit in search.find(Document, query, **options)]


# -- what is found ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    ["shoulder", "SHOULDER pain", "painful shoulders", "shoul", "neck", "José", "frozen   sho"],
)
def test_words_stems_and_beginnings_are_found(query: str):
    put(1, "Frozen shoulder", "Pain in the neck/shoulder, treated by José.")
    put(2, "Start over", "entirely")
    assert found(query) == [1]


def test_all_words_are_wanted_and_any_will_do_if_nothing_has_all():
    put(1, "Dry needling", "of the neck")
    put(2, "Dry skin")
    put(3, "Needling", "of the ankle")
    assert found("dry needling") == [1]
    assert set(found("dry ankles")) == {1, 2, 3}
    assert found("dry unheard") == found("dry")


def test_titles_count_for_more_than_texts():
    put(1, "A day at the clinic", "migraine " * 20)
    put(2, "Migraine", "What a day with it is like, and what helps.")
    assert found("migraine") == [2, 1]


def test_better_matches_rank_higher():
    put(1, "One", "migraine " + "and other things that we see here every day " * 20)
    put(2, "Two", "migraine, migraine and migraine")
    hits = search.find(Document, "migraine")
    assert [hit.object_id for hit in hits] == [2, 1]
    assert hits[0].rank > hits[1].rank > 0


def test_kinds_narrow_the_search():
    put(1, "Knee", kind="article")
    put(1, "Knee", kind="service")
    put(1, "Knee", kind="location")
    hits = search.find(Document, "knee", kinds=["service", "location"])
    assert {hit.kind for hit in hits} == {"service", "location"}
    assert found("knee", kinds=[]) == []


def test_pages_follow_one_another():
    for number in range(7):
        put(number, "Knee", "the very same words")
    pages = [found("knee", limit=3, offset=offset) for offset in (0, 3, 6, 9)]
    assert pages == [[0, 1, 2], [3, 4, 5], [6], []]


def test_the_page_after_the_last_does_not_turn_to_any_word():
    put(1, "Dry needling")
    put(2, "Dry skin")
    assert found("dry needling", offset=1) == []


# -- snippets -----------------------------------------------------------------------------------


def test_the_snippet_marks_what_was_found():
    put(1, "Anything", "Before it. " * 40 + "The needles are thin. " + "After it. " * 40)
    (hit,) = search.find(Document, "needle")
    assert isinstance(hit.snippet_html, SafeString)
    assert "The <mark>needles</mark> are thin" in hit.snippet_html
    assert len(hit.snippet_html.split()) <= search.SNIPPET_WORDS + 1


def test_the_snippet_of_a_title_that_was_found_is_the_text():
    put(1, "Needles", "They are thin.")
    (hit,) = search.find(Document, "needles")
    assert hit.title == "Needles"
    assert hit.snippet_html == "They are thin."


def test_snippets_are_escaped():
    put(1, "x", "p<0.05 <script>alert(1)</script> & a \x02needle\x03 <mark>")
    (hit,) = search.find(Document, "needle")
    assert "script&gt;alert(1)&lt;/script&gt; &amp; a <mark>needle</mark>" in hit.snippet_html
    assert "<script" not in hit.snippet_html
    assert hit.snippet_html.count("<mark>") == hit.snippet_html.count("</mark>") == 1


# -- no query is an error -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "",
        "   ",
        '"',
        "'",
        '"knee',
        "knee'",
        "knee AND",
        "NOT knee",
        "NEAR(knee, 2)",
        "title:knee",
        "title : knee",
        "^knee*",
        "-knee",
        "knee & | ! <-> ( ) :* \\",
        "%s %(x)s %",
        "knee\x00neck",
        "\ud800knee",
        "🙂",
        "🙂 knee",
        "the",
        "膝 колено ركبة ½ ²",
        "k" * 10_000,
        "knee " * 2_000,
        "a.b@c/d_e",
        "kne\u0301e",
    ],
)
def test_whatever_people_type_is_no_error(query: str):
    put(1, "Knee", "The knee AND the neck")
    search.find(Document, query)
    search.find(Document, query, kinds=["article"])


@pytest.mark.parametrize("query", ["", "🙂", "\x00", "  '\"  "])
def test_a_query_without_words_finds_nothing(query: str):
    put(1, "Knee")
    assert found(query) == []


def test_operators_are_only_words():
    put(1, "Knee", "and neck")
    assert found('"knee" AND neck*') == [1]
    assert found("knee NOT neck") == [1]


# -- keeping in step ------------------------------------------------------------------------------


def test_putting_again_replaces():
    put(1, "Knee", "old words")
    put(1, "Ankle", "fresh words")
    assert found("knee") == []
    assert found("ankle") == [1]
    assert Document.objects.count() == 1


def test_what_is_removed_is_not_found():
    put(1, "Knee")
    put(2, "Knee")
    search.remove(Document, "article", 1)
    search.remove(Document, "article", 99)
    assert found("knee") == [2]


def test_other_writers_keep_the_index_in_step():
    put(1, "Knee")
    put(2, "Knee")
    Document.objects.filter(object_id=1).update(title="Ankle")
    assert [found("ankle"), found("knee")] == [[1], [2]]
    Document.objects.all().delete()
    assert found("knee") == []


def test_lines_that_no_full_stop_ends_are_parted_in_snippets():
    put(1, "Fees", "Prices\n\nKnee: 45 minutes\nWe say\tit before.\n How to pay ")
    assert Document.objects.get().body == "Prices · Knee: 45 minutes · We say it before. How to pay"
    assert found("pay") == [1]


def test_very_long_and_odd_texts_are_taken():
    put(1, "Knee\x00", "\x00 " + " ".join(f"word{number}é" for number in range(100_000)))
    assert found("knee") == [1]
    assert found("word7é") == [1]
    assert len(Document.objects.get().body) == search.LONGEST_TEXT


def test_installing_again_keeps_everything():
    put(1, "Knee")
    search.install(connection, Document)
    search.install(connection, Document)
    assert found("knee") == [1]


def test_a_rebuilt_table_is_indexed_again_by_the_next_install():
    put(1, "Knee")
    create_table("test_search_copy")
    run(
        "INSERT INTO test_search_copy (kind, object_id, title, body)"
        " SELECT kind, object_id, 'Ankle', body FROM test_search_document"
    )
    run("DROP TABLE test_search_document")
    run("ALTER TABLE test_search_copy RENAME TO test_search_document")
    search.install(connection, Document)
    put(2, "Ankle")
    assert [found("knee"), sorted(found("ankle"))] == [[], [1, 2]]


def test_rebuilding_loses_nothing():
    put(1, "Knee")
    search.rebuild(Document)
    assert found("knee") == [1]


def test_without_a_table_there_is_nothing_to_install():
    run("DROP TABLE test_search_document")
    search.install(connection, Document)
    with connection.cursor() as cursor:
        assert "test_search_document" not in connection.introspection.table_names(cursor)
