"""When practitioners work, and the times at which they can still see somebody.

The workflow, the admin and the booking form call it. It must not know requests beyond the times
that are held for them, nor any page.
"""
