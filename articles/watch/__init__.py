"""Reference watch: what became of the sources after they appeared.

`retraction_watch` and `crossref` read findings out of other people's data; `recording` compares
them with the library, opens a task for each change and has the owners told; `duties` does so
nightly. What readers see of it is in articles.notices.
"""
