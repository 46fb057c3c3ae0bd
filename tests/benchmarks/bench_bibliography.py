"""How long 50,000 entries of each format take to be read, and what memory: run as a module.

python -m tests.benchmarks.bench_bibliography
"""

import os
import resource
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")

MANY = 50_000
BIBTEX = (
    "@article{{k{0},\n title = {{The {{N}}eedle {0}}},\n"
    " author = {{Ok, {{\\'A}}da and Ng, Bo}},\n year = 2020\n}}\n"
)
RIS = "TY  - JOUR\nID  - k{0}\nTI  - The needle {0}\nAU  - Ok, Ada\nPY  - 2020\nVL  - 1\nER  - \n"
NBIB = "PMID- {0}\nTI  - The needle {0}\nFAU - Ok, Ada\nAU  - Ok A\nDP  - 2020 Feb 2\n\n"
JSON = (
    '{{"id": "k{0}", "type": "book", "title": "The needle {0}", "author": [{{"family": "Ok"}}]}},\n'
)


def main() -> None:
    import django

    django.setup()
    from articles.references.formats.entry import Entry
    from articles.references.formats.reading import open_bibliography

    numbers = range(1, MANY + 1)
    texts = {
        "BibTeX": "".join(map(BIBTEX.format, numbers)),
        "RIS": "".join(map(RIS.format, numbers)),
        "NBIB": "".join(map(NBIB.format, numbers)),
        "CSL-JSON": "[" + "".join(map(JSON.format, numbers)).rstrip(",\n") + "]",
        "lines": "".join(map("Ok A. The needle {0}. Lark; 2020.\n".format, numbers)),
    }
    for name, text in texts.items():
        content = text.encode()
        start = time.perf_counter()
        read = sum(isinstance(found, Entry) for found in open_bibliography(content, ""))
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        size = len(content) / 1e6
        print(f"{name:9} {size:5.1f} MB {read:6} entries {seconds:6.1f} s, peak {peak:.0f} MB")


if __name__ == "__main__":
    main()
