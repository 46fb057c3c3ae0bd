"""The publishing desk: who may do what, and that nothing typed is lost."""

import html
import re
from datetime import timedelta
from math import inf

import pytest
from django.urls import reverse
from django.utils import timezone

from articles.admin import choices
from articles.models import Article, Edition
from articles.publishing import publish
from clinic.site import page_context


def form_of(article, **changes):
    """What a browser sends for this manuscript."""
    data = {
        "kind": article.kind,
        "title": article.title,
        "slug": article.slug,
        "summary": article.summary,
        "takeaways": article.takeaways,
        "body": article.body,
        "opened_revision": article.revision,
        "certainty": article.certainty,
        "seo_title": "",
        "seo_description": "",
        "questions-TOTAL_FORMS": "0",
        "questions-INITIAL_FORMS": "0",
        "_continue": "1",
    }
    return {**data, **changes}


def change_url(article):
    return reverse("admin:articles_article_change", args=[article.pk])


def test_an_author_writes_and_saves(client_as, db):
    client = client_as("Author")
    blank = Article(kind="article", title="Desks", slug="desks", body="## One\r\n\r\nText.")
    response = client.post(reverse("admin:articles_article_add"), form_of(blank))
    assert response.status_code == 302
    article = Article.objects.get(slug="desks")
    assert article.body == "## One\n\nText."
    assert article.revision == 1
    assert client.get(change_url(article)).status_code == 200


def test_title_and_text_come_before_the_buttons(client_as, make_article):
    client = client_as("Editor")
    article = make_article()
    for url in (reverse("admin:articles_article_add"), change_url(article)):
        page = client.get(url).content.decode()
        assert page.count('class="submit-row"') == 1
        places = [page.index(f'name="{name}"') for name in ("title", "body", "kind", "_save")]
        assert places == sorted(places)
    assert page.index('name="_save"') < page.index('id="publish-title"')


def test_a_page_is_added_from_the_list_of_pages(client_as):
    client = client_as("Editor")
    listed = client.get(reverse("admin:articles_article_changelist"), {"kind__exact": "page"})
    link = re.search(
        r'<a href="([^"]+)" class="addlink">\s*Add page\s*</a>', listed.content.decode()
    )
    assert "<h1>Pages</h1>" in listed.content.decode()
    added = client.get(html.unescape(link[1]))
    assert "<h1>Add page</h1>" in added.content.decode()
    assert added.context["adminform"].form["kind"].value() == "page"


def test_an_article_is_added_from_every_other_list(client_as):
    client = client_as("Editor")
    listed = client.get(reverse("admin:articles_article_changelist"), {"q": "page"})
    assert "<h1>Articles</h1>" in listed.content.decode()
    added = client.get(reverse("admin:articles_article_add"), {"kind": "elsewhere"})
    assert "<h1>Add article</h1>" in added.content.decode()
    assert added.context["adminform"].form["kind"].value() == "article"


def test_saving_without_a_change_is_no_revision(client_as, make_article):
    article = make_article()
    client_as("Editor").post(change_url(article), form_of(article))
    article.refresh_from_db()
    assert article.revision == 0


def test_without_scripts_the_form_offers_lists_and_blank_rows(
    client_as, make_article, ines, knee, needling
):
    article = make_article(questions=[("Does it hurt?", "A little.")], topics=[knee])
    client = client_as("Editor")
    page = client.get(change_url(article)).content.decode()
    assert f'<option value="{ines.pk}">Ines Okafor</option>' in page
    assert f'<option value="{needling.pk}">Dry needling</option>' in page
    assert page.count(f'<option value="{knee.pk}" selected>Knee</option>') == 1
    blank = page.partition("<noscript>")[2].partition("</noscript>")[0]
    assert 'name="questions-TOTAL_FORMS" value="4"' in blank
    assert 'name="questions-1-question"' in blank
    question = article.questions.get()
    sent = {
        "questions-TOTAL_FORMS": ["1", "4"],
        "questions-INITIAL_FORMS": "1",
        "questions-0-id": question.pk,
        "questions-0-article": article.pk,
        "questions-0-question": question.question,
        "questions-0-answer": question.answer,
        "questions-0-order": "3",  # after a new row, if that kept its 0
        "questions-2-question": "For how long?",
        "questions-2-answer": "Some weeks.",
        **{f"questions-{number}-order": "0" for number in (1, 2, 3)},
    }
    chosen = {"author": ines.pk, "topics": [knee.pk], "services": [needling.pk]}
    answer = client.post(change_url(article), form_of(article, **chosen, **sent))
    assert answer.status_code == 302
    article.refresh_from_db()
    assert article.author == ines
    assert list(article.services.all()) == [needling]
    assert [question.question for question in article.questions.all()] == [
        "Does it hurt?",
        "For how long?",
    ]


def test_lists_for_browsers_without_scripts_are_short(client_as, make_article, monkeypatch):
    monkeypatch.setattr(choices, "OFFERED", 2)
    article, other = make_article(), [make_article(slug=f"t-{n}", title=f"T {n}") for n in range(4)]
    article.related.add(other[0])
    page = client_as("Editor").get(change_url(article)).content.decode()
    listed = page.partition('name="related"')[2].partition("</select>")[0]
    assert re.findall(r">(T \d)<", listed) == ["T 0", "T 3", "T 2"]


def test_a_newer_save_is_not_overwritten_unasked(client_as, make_article):
    article = make_article()
    client = client_as("Editor")
    client.post(change_url(article), form_of(article, title="Hers"))
    response = client.post(change_url(article), form_of(article, title="His", body="His words."))
    assert response.status_code == 200
    page = response.content.decode()
    assert "His words." in page
    assert "after you opened it" in page
    article.refresh_from_db()
    assert article.title == "Hers"
    client.post(change_url(article), form_of(article, title="Both"))
    article.refresh_from_db()
    assert article.title == "Both"


@pytest.mark.parametrize("slug", ["topics", "admin", "feed"])
def test_words_of_the_sites_own_addresses_are_refused(slug, client_as, make_article):
    article = make_article()
    response = client_as("Editor").post(change_url(article), form_of(article, slug=slug))
    assert response.status_code == 200
    article.refresh_from_db()
    assert article.slug == "knees-and-stairs"


def test_the_privacy_page_keeps_its_address(client_as, db):
    page = Article.objects.get(kind="page", slug="privacy")
    response = client_as("Editor").post(change_url(page), form_of(page, slug="data"))
    assert "so its slug can’t change" in response.content.decode()
    page.refresh_from_db()
    assert page.slug == "privacy"


def test_an_editor_publishes_with_a_click_and_a_confirmation(client_as, make_article):
    article = make_article()
    client = client_as("Editor")
    url = reverse("admin:articles_article_publish", args=[article.pk])
    assert client.get(url).status_code == 200
    response = client.post(
        url, {"when": "now", "revision": 0, "unreviewed_reason": "Urgent."}, follow=True
    )
    assert "Edition 1 is live." in response.content.decode()
    edition = Edition.objects.live(timezone.now()).get(article=article)
    assert edition.published_by_name == "client-editor"
    assert "Published · edition 1" in client.get(change_url(article)).content.decode()


def test_an_editor_schedules_in_the_clinics_time_zone(client_as, make_article):
    from clinic.models import Clinic
    from clinic.site import page_context

    Clinic.objects.update(time_zone="America/New_York")
    page_context.forget()
    article = make_article()
    client = client_as("Editor")
    day = (timezone.now() + timedelta(days=40)).date()
    url = reverse("admin:articles_article_publish", args=[article.pk])
    sent = {
        "when": "later",
        "revision": 0,
        "unreviewed_reason": "Urgent.",
        "goes_live_at_0": day,
        "goes_live_at_1": "09:00",
    }
    response = client.post(url, sent, follow=True)
    assert "scheduled for" in response.content.decode()
    edition = Edition.objects.get(article=article)
    local = edition.goes_live_at.astimezone(Clinic.objects.get().zone)
    assert (local.date(), local.hour) == (day, 9)
    cancel = reverse("admin:articles_article_cancel", args=[article.pk, 1])
    assert client.get(cancel).status_code == 200
    assert not Edition.objects.get(article=article).withdrawn_at  # GET changes nothing
    client.post(cancel)
    assert Edition.objects.get(article=article).withdrawn_at


def test_a_time_that_is_past_or_missing_is_explained(client_as, make_article):
    article = make_article()
    client = client_as("Editor")
    url = reverse("admin:articles_article_publish", args=[article.pk])
    answer = client.post(url, {"when": "later", "revision": 0})
    assert "Enter a date and time." in answer.content.decode()
    past = {
        "when": "later",
        "revision": 0,
        "goes_live_at_0": "2020-01-01",
        "goes_live_at_1": "9:00",
    }
    assert "This time has passed" in client.post(url, past).content.decode()
    assert not Edition.objects.filter(article=article).exists()


def test_a_problem_of_the_text_is_said_with_its_line(client_as, make_article):
    article = make_article(body="One [@nobody].")
    url = reverse("admin:articles_article_publish", args=[article.pk])
    page = (
        client_as("Editor")
        .post(url, {"when": "now", "revision": 0, "unreviewed_reason": "Urgent."})
        .content.decode()
    )
    assert "Line 1" in page
    assert "nobody" in page
    assert not Edition.objects.filter(article=article).exists()


def test_publishing_what_was_saved_again_meanwhile_is_refused(client_as, make_article):
    article = make_article()
    Article.objects.update(revision=3)
    url = reverse("admin:articles_article_publish", args=[article.pk])
    page = (
        client_as("Editor")
        .post(url, {"when": "now", "revision": 0, "unreviewed_reason": "Urgent."})
        .content.decode()
    )
    assert "has been saved since you opened this page" in page
    assert not Edition.objects.filter(article=article).exists()


def test_withdraw_and_republish(client_as, make_article, noon):
    article = make_article()
    publish(article, by=None, at=noon)
    client = client_as("Editor")
    withdraw = reverse("admin:articles_article_withdraw", args=[article.pk])
    assert client.get(withdraw).status_code == 200
    assert Edition.objects.live(timezone.now()).filter(article=article).exists()
    client.post(withdraw)
    assert not Edition.objects.live(timezone.now()).filter(article=article).exists()
    again = client.post(withdraw, follow=True)
    assert "This article is not published." in again.content.decode()
    client.post(reverse("admin:articles_article_republish", args=[article.pk, 1]))
    assert Edition.objects.live(timezone.now()).get(article=article).number == 2
    editions = reverse("admin:articles_article_editions", args=[article.pk])
    assert "live" in client.get(editions).content.decode()


@pytest.mark.parametrize("name", ["publish", "withdraw"])
@pytest.mark.parametrize("role", ["Author", "Clinical reviewer", "Receptionist", "Practitioner"])
def test_only_editors_publish_and_withdraw(name, role, client_as, make_article, noon):
    article = make_article()
    publish(article, by=None, at=noon)
    url = reverse(f"admin:articles_article_{name}", args=[article.pk])
    client = client_as(role)
    assert client.get(url).status_code == 403
    assert (
        client.post(url, {"when": "now", "revision": 0, "unreviewed_reason": "Urgent."}).status_code
        == 403
    )
    assert article.editions.count() == 1


def test_what_was_published_cannot_be_deleted(client_as, make_article, noon):
    article = make_article()
    publish(article, by=None, at=noon)
    url = reverse("admin:articles_article_delete", args=[article.pk])
    assert client_as("Manager").post(url, {"post": "yes"}).status_code == 403
    assert Article.objects.filter(pk=article.pk).exists()


def test_certainty_is_set_by_who_may_judge(client_as, make_article):
    article = make_article()
    client_as("Author").post(change_url(article), form_of(article, certainty="firm"))
    article.refresh_from_db()
    assert article.certainty == ""


def test_the_list_says_the_state_in_words_and_asks_few_queries(
    client_as, make_article, noon, django_assert_max_num_queries, monkeypatch
):
    monkeypatch.setattr(page_context, "FRESH_SECONDS", inf)
    for number in range(12):
        article = make_article(slug=f"a-{number}")
        if number % 2:
            publish(article, by=None, at=noon)
    client = client_as("Editor")
    url = reverse("admin:articles_article_changelist")
    client.get(url)
    with django_assert_max_num_queries(14):
        page = client.get(url).content.decode()
    assert page.count("Published · edition 1") == 7  # the privacy page too
    assert page.count(">Draft<") >= 6
    for state in ("draft", "published", "changes", "scheduled", "withdrawn"):
        assert client.get(url, {"state": state}).status_code == 200


def test_the_library_refuses_a_reference_without_title(client_as, db):
    client = client_as("Editor")
    url = reverse("admin:articles_reference_add")
    for csl in ("[]", "{}", "nonsense", '{"title": ""}'):
        assert client.post(url, {"key": "x1", "csl": csl}).status_code == 200
    good = '{"type": "book", "title": "Backs", "issued": {"date-parts": [[2020]]}, "DOI": "10.1/X"}'
    bad_doi = client.post(url, {"key": "x1", "csl": good})
    assert bad_doi.status_code == 302


def test_the_library_names_the_twin_of_a_doi(client_as, chys):
    url = reverse("admin:articles_reference_add")
    csl = '{"title": "Again", "DOI": "10.3390/JCM12031205"}'
    page = client_as("Editor").post(url, {"key": "chys2023b", "csl": csl}).content.decode()
    assert "as chys2023" in page


@pytest.mark.parametrize("model", ["article", "edition", "topic", "reference"])
def test_each_list_and_form_answers(model, client_as, make_article, chys, knee, noon):
    publish(make_article(body="It is so [@chys2023].", topics=[knee]), by=None, at=noon)
    client = client_as("Editor")
    listed = reverse(f"admin:articles_{model}_changelist")
    assert client.get(listed, {"q": "knee"}).status_code == 200
    pk = (
        {"article": Article, "edition": Edition, "topic": type(knee), "reference": type(chys)}[
            model
        ]
        .objects.latest("pk")
        .pk
    )
    assert client.get(reverse(f"admin:articles_{model}_change", args=[pk])).status_code == 200
