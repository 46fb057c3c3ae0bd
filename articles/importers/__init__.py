"""Content that moves in and out: portable folders and WordPress exports.

Commands and the demo call it. It must not know the public views.
"""
