"""Articles and pages: drafts, references, editions, and the public pages made from them.

clinic/urls.py and clinic/settings.py name it. It must not know bookings.
"""
