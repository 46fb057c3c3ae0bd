"""Template tags for contact details, drawings, images and theme.

Templates of every app call them. They must not know the admin.
"""
