"""The editorial checks: what each finds, what it leaves alone, and the command over all texts."""

import io
import json
from typing import Any

import pytest
from django.core.management import call_command

from articles.manuscript import readability
from articles.manuscript.checks import Subject, all_issues
from articles.manuscript.rendering import Grade, Text, compose
from articles.models import Article
from articles.publishing import issues_of, publish
from clinic.models import Redirect, Service


def found(body: str = "Words.", at: Any = None, summary: str = "", **fields: Any) -> set[Any]:
    text = Text("Knees", summary, (), body, ())
    issues = all_issues(text, compose(text, at=at), Subject(**fields))
    return {(issue.code, issue.line) for issue in issues}


@pytest.mark.parametrize(
    ("body", "code", "line"),
    [
        ("Fine.\n\nIt helps 40 % of people.", "claim-without-source", 3),
        ("Of 12 trials most were small.", "claim-without-source", 1),
        ("1 in 10 is sore.", "claim-without-source", 1),
        ("One\n\nLorem ipsum dolor.", "left-over", 3),
        ("Call [insert number].", "left-over", 1),
        ("This is **bold.", "stars", 1),
        ("Fine.\n\nThis is **bold **here.", "stars", 3),
        ("- **One\n- two**", "stars", 1),
        ("Rest.\n\nThen \\*\\*walk a little\\*\\*.", "stars", 3),
        ('!!! tip "Low"\n    This is **bold.', "stars", 2),
        ("##\u00a0Why", "heading-space", 1),
        ("##Why", "heading-space", 1),
        ("See [it](https://a.example/a b).", "link-space", 1),
        ("See [it] (https://a.example/).", "link-space", 1),
        ("| a | b |\n| --- | --- |\n| 1 | 2 |\n| 1 | 2 | lost |", "extra-cells", 4),
        ("> | a |\n> | --- |\n> | 1 | lost |", "extra-cells", 3),
        ("<iframe src='https://a.example/'></iframe>", "raw-html", 1),
        ("It is <b>bold</b>.", "raw-html", 1),
        ("- a\n    - <br/> b", "raw-html", 2),
        ('Ours:\n\n[gallery ids="1,2"]', "shortcode", 3),
        ("See [it](/media/plan.pdf).", "link-to-file", 1),
        ("## One\n\n#### Three", "heading-skipped", 3),
        ("Fine.\n\n##\n\nMore.", "empty-heading", 3),
        ("See [@nobody].", "unknown-citation", 1),
        ("See [it](article:nothing).", "unknown-link", 1),
        ('[Book](book:)\n\n!!! urgent "Now"\n    - numb', "urgent-after-booking", 3),
        ("[Book](book:)\n\n!!! emergency\n    - numb", "urgent-after-booking", 3),
        ("[Book](book:)\n\n## Red flags\n\nNumb.", "urgent-after-booking", 3),
        ("[Book](book:)\n\n### When to see a doctor", "urgent-after-booking", 3),
        ("[Book](book:needling)\n\n## Warning signs of a clot", "urgent-after-booking", 3),
        ("Fine.\n\n[Book](book:)\n\n#### Get help now", "urgent-after-booking", 5),
        ("[Book](book:)\n\n## When to call 911", "urgent-after-booking", 3),
        ("[Book](book:)\n\n### Your warning sign", "urgent-after-booking", 3),
        ('[Book](book:)\n\nFine.\n\n!!! URGENT "Now"\n    - numb', "urgent-after-booking", 5),
        ("[A](book:)\n\n[B](book:)\n\n## When to go to hospital", "urgent-after-booking", 5),
        ("[Book](book:)\n\n[Or](book:) so\n\n[Book](book:)", "many-invitations", 5),
        ("[A](book:) [B](book:) [C](book:)", "many-invitations", 1),
        ("- [A](book:)\n- [B](book:)\n- [C](book:)", "many-invitations", 3),
        ("[A](book:)\n\n> [B](book:)\n\n[C](book:needling)", "many-invitations", 5),
        ("[A](book:)\n\n[B](book:)\n\n[C](book:)\n\n[D](book:)", "many-invitations", 7),
    ],
)
def test_what_the_checks_find(body: str, code: str, line: int, noon: Any, db: None):
    assert (code, line) in found(body, noon)


@pytest.mark.parametrize(
    "body",
    [
        "It helps 40 % of people [@chys2023].",
        '!!! urgent "Now"\n    - numb\n\n[Book](book:)\n\n!!! warning "Ask us"\n    - if so',
        'You can [book](book:) here.\n\n!!! urgent "Now"\n    - numb\n\n[Book](book:)',
        "It helps most people.\n\nIn 2023 we moved to 14 Mill Lane.",
        "Hold for 30 seconds, 3 times.",
        "This is **bold** and **more**.",
        "    a ** b in code",
        "This is **bold\nover** two lines.",
        "```\n<b> ** [gallery] ##x\n```\n\nA `<b>` and \\*\\* and 2 < 3 > 1.",
        "Read [Your first visit](/book/) and [name it][1].",
        "| a | b |\n| --- | --- |\n| 1 \\| 2 | 2 |\n| 1 | 2 |  |",
        'See [it](https://a.example/ "Title of it") and [sic] [see below].',
        "Number #1 and C# and snake_case__name.",
    ],
)
def test_what_the_checks_leave_alone(body: str, noon: Any, chys: Any):
    assert found(body, noon) == set()


def test_a_figure_is_quoted_whole_and_a_missing_key_told_once(noon: Any, db: None):
    text = Text("Knees", "", (), "It helps 70% of people.\n\n[@no] and [@no].", ())
    said = [issue.message for issue in all_issues(text, compose(text, at=noon), Subject())]
    assert any(message.startswith("“70%” is a figure") for message in said)
    assert len([message for message in said if "key “no”" in message]) == 1


def test_links_to_pages_that_do_not_exist(make_article: Any, noon: Any):
    make_article(slug="draft", title="Draft")
    Redirect.objects.create(path="/old/", to_path="/articles/")
    paths = ["/articles/draft/", "/articles/", "/old/", "/book/?service=x", "/search/", "/"]
    gone = ["/articles/nothing/", "/nothing/", "/a/b/c/"]
    links = "\n\n".join(f"[it]({path})" for path in [*paths, *gone])
    issues = [i for i in issues_of(make_article(body=links), at=noon) if i.code == "link-missing"]
    assert [issue.line for issue in issues] == [13, 15, 17]


def test_of_the_whole_text(noon: Any, db: None):
    assert ("no-summary", 0) in found(at=noon, asks_for_summary=True)
    assert ("long-summary", 0) in found(at=noon, summary="x" * 171)
    assert ("long-summary", 0) not in found(at=noon, summary="x" * 170)
    assert ("repeated-title", 0) in found(at=noon, twin="knees")


def test_risks_that_the_page_would_not_show(make_article: Any, needling: Service, noon: Any):
    article = make_article(body="Try [needles](service:dry-needling).")

    def codes() -> set[str]:
        return {issue.code for issue in issues_of(article, at=noon)}

    assert "no-risks" in codes()
    article.services.add(needling)  # the page shows its risks now
    assert "no-risks" not in codes()
    article.services.clear()
    article.body += "\n\n## Side effects\n\nA bruise."
    assert "no-risks" not in codes()


def test_a_link_to_a_draft_and_a_title_that_is_taken_are_named(make_article: Any, noon: Any):
    make_article(slug="draft")
    article = make_article(body="Fine.\n\nRead [it](article:draft).")
    issues = {issue.code: issue for issue in issues_of(article, at=noon)}
    assert issues["link-not-public"].line == 3
    assert issues["link-not-public"].grade is Grade.NOTE
    assert "draft" in issues["repeated-title"].message
    publish(Article.objects.get(slug="draft"), by=None, at=noon)
    assert "link-not-public" not in {issue.code for issue in issues_of(article, at=noon)}


def test_the_worst_comes_first(make_article: Any, noon: Any):
    article = make_article(summary="x" * 200, body="See [@nobody].")
    grades = [issue.grade for issue in issues_of(article, at=noon)]
    assert grades[0] is Grade.MUST
    assert grades == sorted(grades, key=lambda grade: grade.order)
    assert len(set(grades)) > 1


# -- reading ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "count"),
    [("knee", 1), ("little", 2), ("therapy", 3), ("rate", 1), ("the", 1), ("hm", 1)],
)
def test_syllables(word: str, count: int):
    assert readability.syllables(word) == count


def test_hard_texts_are_told_from_easy_ones():
    easy = readability.read("\n".join(["The cat sat on the mat. The dog ran to the tree."] * 20))
    hard = readability.read(
        "\n".join(
            [
                "Musculoskeletal rehabilitation necessitates individualised progression of "
                "resistance exercises, considering comorbidities, pharmacological interactions, "
                "psychological expectations and occupational circumstances simultaneously, always."
            ]
            * 8
        )
    )
    assert easy.age is not None
    assert easy.age < 9
    assert (easy.long, easy.hardest) == (0, ())
    assert hard.age is not None
    assert hard.age > 18
    assert hard.long_share == 0 or hard.hardest
    assert readability.read("Too short to tell.").age is None


# -- the command --------------------------------------------------------------------------------


def run(*arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command("check_articles", *arguments, stdout=out)
    except SystemExit as ended:
        return int(str(ended.code)), out.getvalue()
    return 0, out.getvalue()


def test_the_command_names_place_and_grade(make_article: Any, noon: Any, chys: Any):
    publish(make_article(body="It helps 40 % of people."), by=None, at=noon)
    code, out = run()
    assert code == 0
    assert "/articles/knees-and-stairs/ body:1: should: " in out
    rows = json.loads(run("--json")[1])
    (row,) = [row for row in rows if row["code"] == "claim-without-source"]
    assert (row["url"], row["edition"], row["line"]) == ("/articles/knees-and-stairs/", 1, 1)


def test_the_command_fails_where_something_must_be_mended(make_article: Any, noon: Any):
    gone = make_article(slug="gone")
    publish(make_article(body="Read [it](article:gone)."), by=None, at=noon)
    assert run()[0] == 0
    gone.delete()
    code, out = run("--json")
    assert code == 1
    assert [row["code"] for row in json.loads(out) if row["grade"] == "must"] == ["unknown-link"]


def test_drafts_and_withdrawn_texts_are_not_checked(make_article: Any):
    make_article(body="It helps 40 % of people.")
    assert "knees" not in run()[1]
