"""Portable content: the texts, topics, references and pictures of a site as a folder of files.

    slug.md            a manuscript: YAML front matter, then Markdown
    slug.live.md       what visitors read, where it is not the manuscript
    slug.scheduled.md  what waits for its time, where it is not the manuscript
    references.json    the reference library: CSL-JSON, our own words about a source in `custom`
    topics.json        the topics, with introduction, services and place on the body
    media/             the pictures, and media.json with what is said of each

`folder` reads such a folder, `importing` takes it in, `exporting` writes one. Export gives the same
articles, pages, topics, references and pictures again, with the same public dates and redirects.
People, services, reviews and the texts of past editions travel by backup; the privacy page, which
every site has from the start, keeps in each site the dates that it has there.

Commands and the demo call it. It must not know the admin.
"""
