"""Bibliographies: reading the formats that reference managers and PubMed write, taking their
entries into the library, and writing them again.

The library's own form is CSL-JSON. What a format says and CSL-JSON has no field for is kept in
the entry's `custom`, under the format's name, and the report says so.

articles.references.importing and the downloads call it. It must not know a model.
"""
