"""How much memory moving in takes: `python -m tests.benchmarks.bench_wordpress [POSTS]`.

An export of 10,000 posts must be taken in within 300 MB, whatever its length.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

MOST_MEGABYTES = 300
HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/"><channel>
<link>https://old.example</link><wp:wxr_version>1.2</wp:wxr_version>
"""
PARAGRAPH = "<p>Most <b>knees</b> that ache on stairs get better with strength work.</p>\n"
ITEM = """<item><title>Post {n}</title><link>https://old.example/2019/post-{n}/</link>
<guid>https://old.example/?p={n}</guid><content:encoded><![CDATA[<h2>Why</h2>{body}
<ul><li><a href="https://old.example/2019/post-{m}/">Another</a></li></ul>]]></content:encoded>
<excerpt:encoded>Words.</excerpt:encoded>
<category domain="category" nicename="t">Topic {t}</category>
<wp:post_id>{n}</wp:post_id><wp:post_name>post-{n}</wp:post_name><wp:status>publish</wp:status>
<wp:post_type>post</wp:post_type></item>
"""


def export(posts: int) -> Iterator[str]:
    """The pieces of an export of so many posts of some 4 KB."""
    yield HEAD
    for n in range(1, posts + 1):
        yield ITEM.format(n=n, m=posts + 1 - n, t=n % 40, body=PARAGRAPH * 50)
    yield "</channel></rss>\n"


def main(posts: int) -> None:
    with tempfile.TemporaryDirectory(prefix="clinic-bench-") as folder:
        file = Path(folder) / "old.xml"
        with file.open("w") as out:
            out.writelines(export(posts))
        environment = {**os.environ, "DATA_DIR": folder, "DEMO": "0"}
        manage = [sys.executable, "manage.py"]
        subprocess.run([*manage, "migrate", "-v0"], env=environment, check=True)
        start = time.monotonic()
        command = [*manage, "import_wordpress", str(file)]
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
        taken = time.monotonic() - start
        megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        size = file.stat().st_size / 1_000_000
        print(f"{posts} posts, {size:.0f} MB: {taken:.0f} s, {megabytes:.0f} MB of memory at most")
        if megabytes > MOST_MEGABYTES:
            raise SystemExit(f"More than {MOST_MEGABYTES} MB.")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
