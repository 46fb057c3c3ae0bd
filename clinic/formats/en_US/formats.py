"""English of the United States: Thursday, September 3, 2026 at 9:05 AM."""

DATE_FORMAT = "F j, Y"
SHORT_DATE_FORMAT = "M j, Y"
MONTH_DAY_FORMAT = "F j"
YEAR_MONTH_FORMAT = "F Y"
TIME_FORMAT = "g:i\xa0A"
DATETIME_FORMAT = "M j, Y, g:i\xa0A"
SHORT_DATETIME_FORMAT = "M j, Y, g:i\xa0A"
FIRST_DAY_OF_WEEK = 0

# Ours: an appointment or a deadline, in full and without its year; a moment in a narrow list.
WEEKDAY_FORMAT = "l, F j"
WEEKDAY_DATE_FORMAT = "l, F j, Y"
WEEKDAY_TIME_FORMAT = "l, F j \\a\\t g:i\xa0A"
WEEKDAY_DATETIME_FORMAT = "l, F j, Y \\a\\t g:i\xa0A"
SHORT_DAY_TIME_FORMAT = "M j, g:i\xa0A"
