"""Clocks on the wall: opening hours, agreed wall times, time zone data.

Everything may call them. They must not know a model of ours, and take the moment as an argument.
"""
