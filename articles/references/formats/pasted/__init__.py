"""A pasted reference, taken apart into fields.

`parsing.parse` reads one reference in AMA, Vancouver/NLM or APA style, or a citation line of
PubMed; `pieces` finds what has a form of its own wherever it stands (identifiers, addresses, days).
What is doubtful is named, so that a person looks at it.

Imports of plain text and the form for a source call it. It must not know the library or the
network: nothing is asked and nothing is stored.
"""
