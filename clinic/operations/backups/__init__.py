"""Backups: writing an archive, putting it back, and keeping, checking and storing nightly ones.

Commands and the worker call it. It must not know the other apps by name: they register.
"""
