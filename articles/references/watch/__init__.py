"""Reference watch: what became of the sources after they appeared.

`retraction_watch` and `crossref` read findings out of other people's data, `imported` out of
imported entries; `recording` compares them with the library, opens a task for each change and has
the owners told. articles.references.nightly_watch does so every night. What readers see of it is
in articles.references.notices.

The worker, a command, imports and the dashboard call it. It must not know editions' pages.
"""
