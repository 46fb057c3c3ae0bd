"""The study card: written in the admin, kept with the source, shown to readers."""

import json

import pytest
from django.utils import timezone

from articles.models import Reference
from articles.publishing import publish
from articles.references import study_card

CARD = {
    "people": "Adults with knee pain",
    "size": "224 people",
    "comparison": "Advice alone",
    "result": "Of 100 who trained, 62 were better; of 100 who did not, 45.",
    "certainty": "fair",
    "funding": "A <public> fund",
}


def test_a_card_goes_into_a_source_and_comes_out_again():
    csl = study_card.with_card({"title": "T", "custom": {"own": 1}}, CARD)
    assert csl["custom"]["own"] == 1
    assert study_card.card_of(csl) == study_card.StudyCard(**CARD)
    assert study_card.with_card(csl, {}) == {"title": "T", "custom": {"own": 1}}
    assert study_card.with_card({"title": "T"}, {"people": ""}) == {"title": "T"}


@pytest.mark.parametrize(
    "custom", [None, [], "x", {"study": 3}, {"study": {"people": 1}}, {"study": {"certainty": "x"}}]
)
def test_what_is_no_card_is_none(custom):
    assert study_card.card_of({"custom": custom}) is None


def test_readers_see_it_in_the_list_and_on_the_page_of_the_source(chys, make_article, client):
    chys.csl = study_card.with_card(chys.csl, CARD)
    chys.save()
    publish(
        make_article(body="So [@chys2023]."), by=None, at=timezone.now(), unreviewed_reason="Test."
    )
    for path in ("/articles/knees-and-stairs/", "/evidence/chys2023/"):
        page = client.get(path).content.decode()
        assert "Of 100 who trained, 62 were better" in page
        assert "Moderate evidence" in page
        assert "A &lt;public&gt; fund" in page


def test_staff_write_it_in_fields_of_its_own(chys, editor, client):
    client.force_login(editor, "django.contrib.auth.backends.ModelBackend")
    url = f"/admin/articles/reference/{chys.pk}/change/"
    fields = {f"study_{name}": value for name, value in CARD.items()}
    form = {"csl": json.dumps(chys.csl), "kind": "", "plain": "", **fields}
    assert client.post(url, form).status_code == 302
    chys.refresh_from_db()
    assert study_card.card_of(chys.csl) == study_card.StudyCard(**CARD)
    shown = client.get(url).context["adminform"].form
    assert shown.initial["study_size"] == "224 people"
    assert "custom" not in shown.initial["csl"]
    assert client.post(url, {**form, "study_certainty": "sure"}).status_code == 200
    assert Reference.objects.get(pk=chys.pk).doi == chys.doi
