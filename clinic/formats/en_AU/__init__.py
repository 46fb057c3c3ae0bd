"""Formats of dates and times in English of Australia.

Django calls it. It must not know a model.
"""
