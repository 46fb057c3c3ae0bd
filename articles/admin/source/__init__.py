"""The form for one source: fields by kind, people as rows, and what a paste fills in.

The admin of the library calls it. It must not know articles or the network.
"""
