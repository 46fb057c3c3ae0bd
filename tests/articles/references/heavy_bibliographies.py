"""Bibliographies that are small or plain as files, and costly for a careless reader."""

from collections.abc import Callable


def doubled(times: int) -> str:
    """662 bytes that stand for 671 MB: each string is twice the one before it."""
    steps = "".join(f"@string{{a{n + 1}=a{n} # a{n}}}\n" for n in range(times))
    return f'@string{{a0="aaaaaaaaaa"}}\n{steps}@article{{k, title=a{times}, year=2020}}\n'


def xml(inside: str) -> str:
    start = "<PubmedArticleSet><PubmedArticle><MedlineCitation><Article><ArticleTitle>"
    end = "</ArticleTitle></Article></MedlineCitation></PubmedArticle></PubmedArticleSet>"
    return f"<?xml version='1.0'?>{start}{inside}{end}"


def ris(inside: str) -> str:
    return f"TY  - JOUR\nTI  - A title\n{inside}ER  - \n"


JOURNAL = '@string{j="' + "The Journal of Knees " * 40 + '"}\n'

# By name: the text, and how many entries are read of it. None: the whole is refused.
BIBLIOGRAPHIES: dict[str, tuple[Callable[[], str], int | None]] = {
    "BibTeX, strings doubled": (lambda: doubled(26), 1),
    "BibTeX, strings doubled often": (lambda: doubled(2_000), 0),
    "BibTeX, one string used often": (
        lambda: JOURNAL + "".join(f"@misc{{k{n}, title={{T}}, note=j}}\n" for n in range(20_000)),
        2_380,
    ),
    "BibTeX, pieces of a string": (lambda: JOURNAL + f"@misc{{k, title={'j # ' * 50_000}j}}", 0),
    "BibTeX, many authors": (
        lambda: "@misc{k, title={T}, author={"
        + " and ".join(f"Name{n}, Given" for n in range(5_000))
        + "}}",
        1,
    ),
    "BibTeX, braces": (lambda: "@misc{k, title={" + "{" * 45_000 + "x" + "}" * 45_000 + "}}", 1),
    "BibTeX, macros within macros": (
        lambda: "@misc{k, title={" + "\\emph{" * 10_000 + "x" + "}" * 10_000 + "}}",
        1,
    ),
    "BibTeX, fractions": (lambda: "@misc{k, title={" + "\\frac{a}{b}" * 8_000 + "}}", 1),
    "BibTeX, a long field": (lambda: "@misc{k, title={T}, note={" + "x" * 200_000 + "}}", 0),
    "RIS, 200 KB of authors": (
        lambda: ris("".join(f"AU  - Name{n}, Given\n" for n in range(9_000))),
        1,
    ),
    "RIS, a field of many lines": (lambda: ris("AB  - x\n" + "words\n" * 500_000), 0),
    "RIS, many tags": (lambda: ris("".join("N1  - x\n" for n in range(100_000))), 0),
    "NBIB, many authors": (
        lambda: "PMID- 1\nTI  - A\n" + "FAU - Name, Given\nAU  - Name G\n" * 6_000,
        1,
    ),
    "NBIB, a field of many lines": (lambda: "PMID- 1\nTI  - A\n" + "      words\n" * 500_000, 0),
    "CSL-JSON, deep": (lambda: '[{"title":"a","x":' + "[" * 900 + "]" * 900 + "}]", 0),
    "CSL-JSON, deeper": (lambda: '[{"title":"a","x":' + "[" * 99_000 + "]" * 99_000 + "}]", 0),
    "CSL-JSON, deep objects": (lambda: '{"title":"a","x":' + '{"a":' * 400 + "1" + "}" * 401, 0),
    "CSL-JSON, wide": (lambda: '[{"title":"a","x":[' + "[]," * 3_000_000 + "1]}]", None),
    "CSL-JSON, many authors": (
        lambda: '[{"title":"a","author":[' + '{"family":"N"},' * 400_000 + '{"family":"N"}]}]',
        0,
    ),
    "CSL-JSON, a number of 5,000 digits": (lambda: '[{"title":"a","x":' + "1" * 5_000 + "}]", 0),
    "PubMed XML, deep": (lambda: xml("<i>" * 5_000 + "x" + "</i>" * 5_000), 0),
    "PubMed XML, deep and not closed": (
        lambda: "<PubmedArticleSet><PubmedArticle>" + "<a>" * 1_500_000,
        0,
    ),
    "PubMed XML, wide": (lambda: xml("x" + "<a/>" * 1_500_000), 0),
    "PubMed XML, wide before its articles": (
        lambda: "<PubmedArticleSet>" + "<a/>" * 1_500_000 + "<PubmedArticle/></PubmedArticleSet>",
        None,
    ),
    "PubMed XML, many authors": (
        lambda: xml("T</ArticleTitle><AuthorList>" + "<Author><LastName>A</LastName></Author>"
        * 8_000 + "</AuthorList><ArticleTitle>"),
        1,
    ),
    "lines, one long": (lambda: "word " * 60_000, 0),
}  # fmt: skip
