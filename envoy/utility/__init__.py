"""A utility without HTTP."""
