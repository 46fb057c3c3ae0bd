"""Classes of fields, retention, data about a person, attribution to articles.

The admin, the dashboard, the worker and a command call it. It must not know pages.
"""
