"""What the desk shows beside the admin's own pages: previews, differences, status, dashboard,
handover.

The admin and clinic/urls.py call it. It must not know the insides of the importers.
"""
