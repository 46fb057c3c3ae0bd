"""The page “What works”: the reports of all apps for a period, drawn and as tables.

It owns the page and its drawings. The admin alone loads it. It must not know what is reported.
"""

from clinic.admin.works import page

__all__ = ["page"]
