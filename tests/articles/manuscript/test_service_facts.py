"""A service's facts are said once: what a text says otherwise is found."""

import pytest

from articles.manuscript import service_facts
from articles.manuscript.rendering import Grade, Text
from clinic.models import Service

NEEDLING = Service(
    name="Dry needling",
    first_minutes=45,
    follow_minutes=30,
    price_text="First appointment $95, follow-ups $80.50",
    typical_course="One appointment a week, up to three appointments, then we reassess",
    risks="A bruise\nFainting",
    not_for="you take blood thinners\nyou are **afraid** of needles",
)
PHYSIO = Service(name="Physiotherapy", typical_course="Three to six appointments over two months")
BARE = Service(name="Advice")


def found(body, *services, **parts):
    text = Text("Title", parts.get("summary", ""), (), body, parts.get("faq", ()))
    issues = list(service_facts.run(text, services or (NEEDLING,)))
    assert {issue.grade for issue in issues} <= {Grade.SHOULD}
    return [(issue.where, issue.line, issue.code) for issue in issues]


@pytest.mark.parametrize(
    "said",
    [
        "Plan 1–3 sessions.",
        "Plan one to three sessions.",
        "Most people need 7 appointments.",
        "It takes eight to ten visits.",
        "We plan up to 12 sessions.",
        "Two or three physiotherapy appointments are enough.",
        "You need 4-8 treatments.",
    ],
)
def test_another_course_is_found(said):
    assert found(f"Words.\n\nThey help. {said}", PHYSIO) == [("body", 3, "other-number")]


@pytest.mark.parametrize(
    "said",
    [
        "Three to six appointments over two months.",
        "Plan 3–6 sessions, or 4 to 5 visits.",
        "After two appointments she can bend again.",
        "Come to two sessions a week.",
        "The trial had 12 sessions [@hu2018].",
        "In a survey of 7,629 treatments nobody was harmed.",
        "Walk for 20 minutes. Do it 12 times.",
        "At the third appointment we look again.",
    ],
)
def test_what_agrees_or_is_no_course_is_left_alone(said):
    assert found(said, PHYSIO) == []


def test_each_of_several_services_may_be_meant():
    assert found("Plan 1–3 sessions. Or three to six.", NEEDLING, PHYSIO) == []
    assert found("Plan two to five sessions.", NEEDLING, PHYSIO) == [("body", 1, "other-number")]


@pytest.mark.parametrize(
    ("said", "count"),
    [
        ("A first appointment takes 60 minutes.", 1),
        ("It is a 20-minute session.", 1),
        ("The appointment lasts about 45 minutes, a follow-up is a 30-minute session.", 0),
        ("Keep heat on for 60 minutes after the appointment.", 0),
    ],
)
def test_another_length_is_found(said, count):
    assert len(found(said)) == count


@pytest.mark.parametrize(
    ("said", "count"),
    [
        ("A session costs $75.", 1),
        ("Appointments are $ 95 and $80.50.", 0),
        ("A good mat costs $40.", 1),
        ("Back pain costs $50 billion a year [@hu2018].", 0),
        ("He won $40.", 0),
    ],
)
def test_another_price_is_found(said, count):
    assert len(found(said)) == count


@pytest.mark.parametrize(
    "heading",
    [
        "Who should not have it", "Not for you if", "Contraindications", "When not to needle",
        "Who shouldn’t have needles", "It is not suitable if",
    ],
)  # fmt: skip
def test_a_second_list_of_who_should_not_have_it_is_found(heading):
    body = f"## What it is\n\n- a needle\n\n## {heading}\n\n✗ You have a fever\n\n## After"
    assert found(body) == [("body", 5, "second-list")]


def test_a_second_list_of_risks_is_found_also_in_a_box():
    body = '## What can go wrong\n\n!!! warning "Tell us"\n    - fainting\n    - an infection'
    assert found(body) == [("body", 1, "second-list")]


def test_the_same_list_a_table_and_prose_are_no_contradiction():
    assert found("## Risks\n\n- a bruise\n- Fainting.") == []
    assert found("## Risks\n\nA bruise is common: 8 in 100 [@brady2014].\n\n| a | b |") == []
    assert found("## Risks\n\n- a burn\n\n## Contraindications\n\n- fever", BARE) == []
    assert found("## Who should not wait\n\n- people with a fever") == []


def test_summary_and_answers_are_read_too():
    faq = (("How many?", "Words.\n\nFive to nine sessions."),)
    expected = [("summary", 1, "other-number"), ("faq 1", 3, "other-number")]
    assert found("", summary="A 10-minute session.", faq=faq) == expected


def test_without_a_service_nothing_is_compared():
    text = Text("Title", "", (), "Plan 99 sessions.", ())
    assert list(service_facts.run(text, ())) == []
