"""Formats of dates and times in English of the United Kingdom.

Django calls it. It must not know a model.
"""
