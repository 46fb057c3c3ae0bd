"""The site around every page: shared context, addresses, redirects, texts of the clinic, public
views.

Everything above may call it, and every app. It must not know the other apps, nor the desk.
"""
