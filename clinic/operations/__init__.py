"""Running an installation: start, worker, backup, restore, keys, health, demo, sample data.

Commands and the dashboard call it. It must not know the other apps by name: they register.
"""
