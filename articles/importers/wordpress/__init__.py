"""Importing from WordPress: an export file becomes manuscripts.

export reads the file; blocks turns what only WordPress understands into plain HTML, classic the
lines of its older editor into paragraphs; importers.from_html writes that HTML in our own format;
importing puts it into the database.

The command import_wordpress calls it. It must not know the admin.
"""
