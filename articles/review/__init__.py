"""Clinical sign-offs, invitations to review, reminders, and their emails.

Publishing and the desk call it. It must not know the public views.
"""
