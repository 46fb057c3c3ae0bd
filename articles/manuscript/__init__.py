"""What a manuscript is before it is published: rendering, citations, checks, content hash.

Review, publishing, pages and importers call it. It must not know reviews, nor publish anything.
"""
