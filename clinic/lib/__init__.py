"""Tools without a model: Markdown, images, fields, the page store, the database.

Everything may call them. They must not know a model, a page or an app.
"""
