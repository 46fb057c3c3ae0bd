"""What visitors read: article pages, evidence, feeds, downloads, metadata and structured data.

clinic/urls.py and templates call it. It must not know the desk.
"""
