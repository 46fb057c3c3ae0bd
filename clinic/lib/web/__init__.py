"""Tools of HTTP and WSGI: page store, gateway, deadlines, media, visitors' addresses, masked links.

The WSGI application, middleware and views may call them. They must not know a model of ours.
"""
