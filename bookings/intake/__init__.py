"""The booking form until a request is stored: red flags, contact details, spam score, submission.

bookings/urls.py and the admin call it. It must not know the verbs of staff.
"""
