"""The distributed energy resource: what it reports."""
