"""Formats of dates and times in English of the United States.

Django calls it. It must not know a model.
"""
