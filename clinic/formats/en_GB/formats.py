"""English of the United Kingdom: Thursday 3 September 2026 at 09:05."""

DATE_FORMAT = "j F Y"
SHORT_DATE_FORMAT = "j M Y"
MONTH_DAY_FORMAT = "j F"
YEAR_MONTH_FORMAT = "F Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j M Y, H:i"
SHORT_DATETIME_FORMAT = "j M Y, H:i"
FIRST_DAY_OF_WEEK = 1

# Ours: an appointment or a deadline, in full and without its year; a moment in a narrow list.
WEEKDAY_FORMAT = "l j F"
WEEKDAY_DATE_FORMAT = "l j F Y"
WEEKDAY_TIME_FORMAT = "l j F \\a\\t H:i"
WEEKDAY_DATETIME_FORMAT = "l j F Y \\a\\t H:i"
SHORT_DAY_TIME_FORMAT = "j M, H:i"
