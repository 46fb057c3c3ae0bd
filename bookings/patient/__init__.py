"""The patient's side of a request: private page and links, calendar files, messages.

The worker, intake and the admin call it. It must not know the desk.
"""
