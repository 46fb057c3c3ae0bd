"""The place where Django looks for the commands of the whole site.

manage.py calls them. They must not know the admin.
"""
