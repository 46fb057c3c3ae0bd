"""Moving in from WordPress: an export file becomes manuscripts.

export reads the file, blocks and shortcodes turn what only WordPress understands into plain HTML,
tree and markdown write that HTML in our own format, importing puts it into the database.
"""
