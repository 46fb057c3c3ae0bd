"""Template tags for the inbox and the patient's page.

Templates call them. They must not know the workflow.
"""
