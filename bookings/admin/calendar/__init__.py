"""The calendar of the desk: a day or a week of the practitioners, free times to choose, absences.

The admin of requests calls it. It must not know the page of a request, where what is chosen here is
offered or rescheduled.
"""
