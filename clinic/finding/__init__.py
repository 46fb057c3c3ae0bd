"""The search of the site: what can be found, synonyms, answers, and what was looked for in vain.

Apps register what can be found (`hooks.search_sources`) and call `indexing` where it changes. It
must not know the other apps, nor the desk.
"""
