"""Fields and values that people enter: encrypted and bounded text, links, phones, numbers, days,
slugs.

Models and forms may use them. They must not know a model of ours.
"""
