"""Sources: CSL, styles, formats, importing, duplicates, notices, the watch for retractions.

Everything in articles may call it. It must not know editions or pages.
"""
