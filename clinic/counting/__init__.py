"""What visitors read and do, as numbers of a day; and the figures of any period.

It owns DailyCount. The web process, the admin and the views of all apps may call it.
It must not know who reads: it keeps words, paths and numbers, never a request.
"""
