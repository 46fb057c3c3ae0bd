"""Exports of WordPress, written by hand: an entry at a time."""

HEAD = """<?xml version="1.0" encoding="{encoding}"?>
<rss version="2.0" xmlns:excerpt="{http}://wordpress.org/export/{version}/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="{http}://wordpress.org/export/{version}/">
<channel><title>Old clinic</title><link>https://old.example</link>
<wp:wxr_version>{version}</wp:wxr_version><wp:base_blog_url>https://old.example</wp:base_blog_url>
<wp:author><wp:author_id>1</wp:author_id><wp:author_login>ines</wp:author_login>
<wp:author_display_name><![CDATA[Dr. Ines Okafor, PT]]></wp:author_display_name></wp:author>
"""
TAIL = "</channel></rss>\n"
UPLOADS = "https://old.example/wp-content/uploads/2019/05"


def item(number: int = 7, *more: str, kind: str = "post", **fields: str) -> str:
    """An entry; `fields` are its elements, with `__` for the colon, `more` is put behind them."""
    facts = {
        "title": f"<![CDATA[Text {number}]]>",
        "link": f"https://old.example/2019/05/text-{number}/",
        "guid": f"https://old.example/?p={number}",
        "dc:creator": "<![CDATA[ines]]>",
        "content:encoded": "<![CDATA[Words.]]>",
        "excerpt:encoded": "",
        "wp:post_id": str(number),
        "wp:post_date": "2019-05-06 10:00:00",
        "wp:post_name": f"text-{number}",
        "wp:status": "publish",
        "wp:post_type": kind,
        **{name.replace("__", ":"): value for name, value in fields.items()},
    }
    return f"<item>{''.join(f'<{k}>{v}</{k}>' for k, v in facts.items())}{''.join(more)}</item>\n"


def meta(name: str, value: str) -> str:
    """One of the fields of an entry that plugins and themes add."""
    return (
        f"<wp:postmeta><wp:meta_key>{name}</wp:meta_key>"
        f"<wp:meta_value><![CDATA[{value}]]></wp:meta_value></wp:postmeta>"
    )


def export(*items: str, version: str = "1.2", http: str = "http", encoding: str = "UTF-8") -> str:
    """The whole file."""
    return HEAD.format(version=version, http=http, encoding=encoding) + "".join(items) + TAIL
