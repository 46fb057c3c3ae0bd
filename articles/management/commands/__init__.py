"""Commands for articles and references: import, export, check, redact, watch.

manage.py calls them. They must not know the admin.
"""
