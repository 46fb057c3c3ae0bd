"""Email: the outbox, composing, and the backend that writes files.

Every app queues messages here and registers their kinds. It must not know why a message is sent.
"""
