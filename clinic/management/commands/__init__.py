"""Commands of the operator: start, serve, worker, backup, restore, demo.

manage.py calls them. They must not know the admin.
"""
