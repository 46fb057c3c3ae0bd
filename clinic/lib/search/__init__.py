"""Search of text: words and their stems, the index in the database, scores, spelling, snippets.

Both databases store and match the stems that are made here, so that they find the same. Everything
may call it. It must not know a model of ours.
"""
