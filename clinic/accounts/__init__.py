"""Who works here: accounts, roles, sign-in, two-step sign-in, limits on guesses, leaving.

The admin, the middleware and every app may call it. It must not know what staff write or answer.
"""
