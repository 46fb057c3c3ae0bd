"""The place where Django looks for the commands of this app.

manage.py calls them. They must not know the admin.
"""
