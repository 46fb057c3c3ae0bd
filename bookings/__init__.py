"""Appointment requests: the form, what staff do with a request, the patient's own page.

clinic/urls.py and clinic/settings.py name it. It must not know articles.
"""
