"""The reference list follows the AMA Manual of Style, 11th edition."""

from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from articles.references.styles import ama


def people(*names: str) -> list[dict]:
    """CSL names from "Family, Given"; without a comma, a body."""
    return [
        dict(zip(("family", "given"), name.split(", "), strict=True))
        if ", " in name
        else {"literal": name}
        for name in names
    ]


CHYS = {
    "type": "article-journal",
    "title": "Clinical Effectiveness of Dry Needling in Patients with Musculoskeletal Pain"
    "-An Umbrella Review",
    "author": people(
        "Chys, Marjolein",
        "De Meulemeester, Kayleigh",
        "De Greef, Indra",
        "Murillo, Carlos",
        "Kindt, Wouter",
        "Kouzouz, Yassir",
        "Lescroart, Bavo",
        "Cagnie, Barbara",
    ),
    "container-title": "Journal of Clinical Medicine",
    "container-title-short": "J. Clin. Med.",
    "issued": {"date-parts": [[2023, 2, 2]]},
    "volume": "12",
    "issue": "3",
    "page": "1205",
    "DOI": "10.3390/jcm12031205",
}
HU = {
    "type": "article-journal",
    "title": "Is dry needling effective for low back pain?: "
    "A systematic review and PRISMA-compliant meta-analysis",
    "author": people("Hu, Han-Tong", "Gao, Hong", "Ma, Rui-Jie", "others"),
    "container-title-short": "Medicine (Baltimore)",
    "issued": {"date-parts": [["2018"]]},
    "volume": 97,
    "issue": "26",
    "article-number": "e11225",
    "PMID": "29952980",
}
ARTICLE = {
    "type": "article-journal",
    "title": "A title",
    "author": people("Ok, Ada"),
    "container-title": "Pain",
    "issued": {"date-parts": [[2020]]},
    "volume": "1",
    "page": "2–9",
}


def test_the_two_entries_to_the_letter():
    assert ama.format_plain(CHYS) == (
        "Chys M, De Meulemeester K, De Greef I, et al. Clinical Effectiveness of Dry Needling in "
        "Patients with Musculoskeletal Pain-An Umbrella Review. J Clin Med. 2023;12(3):1205."
    )
    assert ama.format_plain(HU) == (
        "Hu HT, Gao H, Ma RJ, et al. Is dry needling effective for low back pain?: A systematic "
        "review and PRISMA-compliant meta-analysis. Medicine (Baltimore). 2018;97(26):e11225."
    )


@pytest.mark.parametrize(
    ("source", "entry"),
    [
        (
            {
                "type": "book",
                "title": "Moving Well",
                "author": people("Ok, Ada"),
                "edition": 3,
                "volume": "2",
                "publisher": "Lark Press",
                "issued": {"date-parts": [[2019]]},
            },
            "Ok A. Moving Well. Vol 2. 3rd ed. Lark Press; 2019.",
        ),
        (
            {"type": "book", "title": "Knees", "editor": people("Ok, Ada", "Ng, Bo")},
            "Ok A, Ng B, eds. Knees.",
        ),
        (
            {
                "type": "chapter",
                "title": "Does it hurt?",
                "author": people("Ok, Ada"),
                "editor": people("Ng, Bo"),
                "container-title": "Moving Well",
                "edition": "Revised",
                "publisher": "Lark Press",
                "page": "12-20",
                "issued": {"date-parts": [[2019]]},
            },
            "Ok A. Does it hurt? In: Ng B, ed. Moving Well. Revised ed. Lark Press; 2019:12-20.",
        ),
        (
            {
                "type": "report",
                "title": "Low back pain",
                "author": people("National Institute for Health and Care Excellence"),
                "publisher": "National Institute for Health and Care Excellence",
                "genre": "NICE guideline",
                "number": "NG59",
                "issued": {"date-parts": [[2016, 11, 30]]},
                "accessed": {"date-parts": [[2026, 3, 5]]},
            },
            "National Institute for Health and Care Excellence. Low back pain. National Institute "
            "for Health and Care Excellence; 2016. NICE guideline NG59. Accessed March 5, 2026.",
        ),
        (
            {
                "type": "webpage",
                "title": "Sprained ankle",
                "container-title": "Foot Facts",
                "issued": {"literal": "Spring 2024"},
                "accessed": {"date-parts": [[2026, 3]]},
                "URL": "https://foot.example/",
            },
            "Sprained ankle. Foot Facts. Spring 2024. Accessed March 2026.",
        ),
        (
            {
                "type": "thesis",
                "title": "Balance",
                "author": people("Ok, Ada"),
                "publisher": "University of Lark",
                "issued": {"date-parts": [[2011]]},
            },
            "Ok A. Balance. Dissertation. University of Lark; 2011.",
        ),
        (
            {
                "type": "article",
                "title": "Early news",
                "author": people("Ok, Ada"),
                "publisher": "medRxiv",
                "issued": {"date-parts": [[2025, 1, 9]]},
            },
            "Ok A. Early news. medRxiv. Preprint posted online January 9, 2025.",
        ),
        (
            {
                "type": "paper-conference",
                "title": "A talk",
                "author": people("Ok, Ada"),
                "event-title": "World Congress",
                "event-place": "Lark, NY",
                "issued": {"date-parts": [[2025, 1, 9]]},
            },
            "Ok A. A talk. Presented at: World Congress; January 9, 2025; Lark, NY.",
        ),
        (
            {"type": "paper-conference", "title": "A talk", "container-title": "Proceedings"},
            "A talk. In: Proceedings.",
        ),
        ({**ARTICLE, "volume": "", "page": ""}, "Ok A. A title. Pain. Published online 2020."),
        ({**ARTICLE, "volume": "", "issue": "4"}, "Ok A. A title. Pain. 2020;(4):2-9."),
        ({**ARTICLE, "type": "something-new"}, "Ok A. A title. Pain. 2020;1:2-9."),
        ({}, ""),
    ],
)
def test_each_type_of_source(source, entry):
    assert ama.format_plain(source) == entry


@pytest.mark.parametrize(
    ("name", "listed"),
    [
        ({"family": "Dupont", "given": "Jean-Pierre"}, "Dupont JP"),
        ({"family": "Dupont", "given": "J.-P. M."}, "Dupont JPM"),
        ({"family": "Dupont", "given": "JPM"}, "Dupont JPM"),
        ({"family": "Berg", "given": "Ida", "non-dropping-particle": "van den"}, "van den Berg I"),
        ({"family": "Humboldt", "given": "Al", "dropping-particle": "von"}, "Humboldt A von"),
        ({"family": "King", "given": "Mo Lee", "suffix": "Jr."}, "King ML Jr"),
        ({"family": "King", "given": "Mo", "suffix": "3rd"}, "King M III"),
        ({"family": "Иванов", "given": "Пётр Андреевич"}, "Иванов ПА"),
        ({"family": "胡", "given": "海涛"}, "胡 海涛"),
        ({"family": "Aristotle"}, "Aristotle"),
        ({"given": "Plato"}, "Plato"),
        ({"literal": "A Working Group", "non-dropping-particle": "van"}, "A Working Group"),
    ],
)
def test_names(name, listed):
    assert ama.format_plain({"author": [name]}) == f"{listed}."


def test_six_authors_are_all_named_and_of_seven_three():
    six = people(*(f"{family}, Zoe" for family in "ABCDEF"))
    assert ama.format_plain({"author": six}) == "A Z, B Z, C Z, D Z, E Z, F Z."
    assert ama.format_plain({"author": [*six, *people("G, Zoe")]}) == "A Z, B Z, C Z, et al."


def test_a_list_that_its_source_cut_short_says_so():
    assert ama.format_plain({"author": people("Ok, Ada", "others")}) == "Ok A, et al."


def test_a_body_follows_the_persons_after_a_semicolon():
    source = {"author": people("Ok, Ada", "Back Pain Group", "Ng, Bo")}
    assert ama.format_plain(source) == "Ok A, Ng B; Back Pain Group."


@pytest.mark.parametrize("title", ["Why?", "Stop!", "So “why?”", "Already closed.", "Why? (Yes!)"])
def test_a_title_that_closes_itself_gets_no_dot(title):
    assert ama.format_plain({"title": title}) == title


def test_editions():
    def edition(text: str) -> str:
        return ama.format_plain({"type": "book", "title": "T", "edition": text})

    assert [edition(text) for text in ("1", "2", "3rd", "4th ed.", "11", "21", "112")] == [
        "T.",
        "T. 2nd ed.",
        "T. 3rd ed.",
        "T. 4th ed.",
        "T. 11th ed.",
        "T. 21st ed.",
        "T. 112th ed.",
    ]


def test_html_escapes_all_but_raised_and_lowered_text():
    source = {
        **ARTICLE,
        "title": 'VO<sub>2</sub> & <i>p</i> < 0.05 <script>x</script><sup onclick="y">2</sup>',
        "container-title": "Pain <b>& Joy</b>",
    }
    assert ama.format_reference(source) == (
        "Ok A. VO<sub>2</sub> &amp; <i>p</i> &lt; 0.05 &lt;script&gt;x&lt;/script&gt;"
        "&lt;sup onclick=&quot;y&quot;&gt;2&lt;/sup&gt;. "
        '<span class="journal">Pain &amp; Joy</span>. 2020;1:2-9.'
    )


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (CHYS, "Chys et al., 2023"),
        ({**HU, "author": HU["author"][:2]}, "Hu and Gao, 2018"),
        ({**HU, "author": HU["author"][:1]}, "Hu, 2018"),
        ({"editor": people("Ok, Ada"), "issued": {"literal": "Spring 2024"}}, "Ok, 2024"),
        (
            {"author": people("Pain Group"), "issued": {"raw": "2024-05-01"}},
            "Pain Group, 2024",
        ),
        ({"author": people("Ok, Ada", "et al.")}, "Ok et al."),
        ({"title": "One two <i>three</i>"}, "One two three"),
        ({"title": "One two three four five six seven"}, "One two three four five six…"),
        ({}, ""),
    ],
)
def test_short_name(source, name):
    assert ama.short_name(source) == name


def test_plain_title_keeps_the_words_and_drops_the_marks():
    title = "VO<sub>2</sub> and <i>p</i> < 0.05"
    assert ama.plain_title({"title": title}) == "VO2 and p < 0.05"


@pytest.mark.parametrize(
    ("doi", "url"),
    [
        ("10.3390/jcm12031205", "https://doi.org/10.3390/jcm12031205"),
        ("doi: 10.3390/jcm12031205", "https://doi.org/10.3390/jcm12031205"),
        ("http://dx.doi.org/10.3390/jcm12031205", "https://doi.org/10.3390/jcm12031205"),
        ("10.1002/(SICI)1<1::AID>3.0", "https://doi.org/10.1002/(SICI)1%3C1::AID%3E3.0"),
        ('10.1234/"><script>', "https://doi.org/10.1234/%22%3E%3Cscript%3E"),
        ("javascript:alert(1)", ""),
        ("", ""),
    ],
)
def test_doi_url(doi, url):
    assert ama.doi_url({"DOI": doi}) == url


def test_pmid_and_web_address():
    assert ama.pmid_url(HU) == "https://pubmed.ncbi.nlm.nih.gov/29952980/"
    assert ama.pmid_url({"PMID": "29952980/../x"}) == ""
    assert ama.web_url({"URL": "https://foot.example/a?b"}) == "https://foot.example/a?b"
    assert ama.web_url({"URL": "javascript:alert(1)//https://"}) == ""


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
words = json_values | st.text(alphabet="aA1 .<>&?-/\"'éß胡subi", max_size=30)
names = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        ("family", "given", "literal", "suffix", "non-dropping-particle", "dropping-particle"),
        words,
    ),
)
dates = json_values | st.fixed_dictionaries(
    {}, optional={"date-parts": json_values | st.lists(st.lists(json_values)), "literal": words}
)
sources = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from([*ama._LAYOUTS, "other"]) | json_values,
        "author": st.lists(names | json_values, max_size=9) | json_values,
        "editor": st.lists(names, max_size=3) | json_values,
        "issued": dates,
        "accessed": dates,
        **dict.fromkeys(
            [
                "title",
                "container-title",
                "container-title-short",
                "publisher",
                "volume",
                "issue",
                "page",
                "number",
                "genre",
                "edition",
                "event-title",
                "DOI",
                "PMID",
                "URL",
            ],
            words,
        ),
    },
)


class TagReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(" ".join([tag, *(f'{name}="{value}"' for name, value in attrs)]))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # on a busy machine
@given(source=sources)
def test_nothing_raises_and_no_other_tag_comes_out(source):
    reader = TagReader()
    reader.feed(ama.format_reference(source))
    assert set(reader.tags) <= {"sub", "sup", 'span class="journal"'}
    assert ama.format_plain(source) == " ".join(ama.format_plain(source).split())
    for url in (ama.doi_url(source), ama.pmid_url(source), ama.web_url(source)):
        assert not url or url.lower().startswith(("https://", "http://"))
    assert isinstance(ama.short_name(source), str)
