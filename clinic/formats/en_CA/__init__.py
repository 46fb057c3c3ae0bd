"""Formats of dates and times in English of Canada.

Django calls it. It must not know a model.
"""
