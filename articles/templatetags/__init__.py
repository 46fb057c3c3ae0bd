"""Template tags that show articles on pages of the whole site.

Templates call them. They must not know the admin.
"""
