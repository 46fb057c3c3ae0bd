"""Tools of the database: guards, rows in and out of a backup, the search index.

Everything may call them. They must not know a model of ours.
"""
