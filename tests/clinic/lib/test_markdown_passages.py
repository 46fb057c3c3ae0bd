"""The passages of a text, for the search."""

from clinic.lib.markdown import passages, render


def test_passages_say_what_a_reader_reads():
    rendered = render("Before[^1].\n\n[^1]: A *taut* band.\n\n## Week by week\n\n- One\n- Two")
    assert passages(rendered.html, rendered.marks) == [
        ("", "", "Before.\nA taut band."),
        ("week-by-week", "Week by week", "One\nTwo"),
    ]
