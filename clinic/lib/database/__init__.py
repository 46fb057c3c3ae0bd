"""Tools of the database: guards, locks, rows in and out of a backup.

Everything may call them. They must not know a model of ours.
"""
