"""The command that answers a person's request for their own data.

manage.py calls it. It must not know the admin.
"""
