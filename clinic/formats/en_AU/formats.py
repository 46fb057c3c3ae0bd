"""English of Australia: Thursday 3 September 2026 at 9:05 am.

“am” and “pm” are the translations in locale/en_AU of Django's “a.m.” and “p.m.”
"""

DATE_FORMAT = "j F Y"
SHORT_DATE_FORMAT = "j M Y"
MONTH_DAY_FORMAT = "j F"
YEAR_MONTH_FORMAT = "F Y"
TIME_FORMAT = "g:i\xa0a"
DATETIME_FORMAT = "j M Y, g:i\xa0a"
SHORT_DATETIME_FORMAT = "j M Y, g:i\xa0a"
FIRST_DAY_OF_WEEK = 1

# Ours: an appointment or a deadline, in full and without its year; a moment in a narrow list.
WEEKDAY_FORMAT = "l j F"
WEEKDAY_DATE_FORMAT = "l j F Y"
WEEKDAY_TIME_FORMAT = "l j F \\a\\t g:i\xa0a"
WEEKDAY_DATETIME_FORMAT = "l j F Y \\a\\t g:i\xa0a"
SHORT_DAY_TIME_FORMAT = "j M, g:i\xa0a"
