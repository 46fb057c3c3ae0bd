"""Practitioners' calendars: read in as busy spans alone, and given out as a feed of appointments.

The worker, the admin and the site's addresses call it. It must not know requests beyond the times
that are held for them. What a calendar says of titles, places and people is never kept.
"""
