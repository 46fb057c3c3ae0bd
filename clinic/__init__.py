"""The project and the clinic itself: what every page and every app needs.

articles and bookings import it. It must not know them: what it needs, they register in hooks.py.
"""
