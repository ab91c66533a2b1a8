"""Distributed energy resources (DER): the controls of a utility that one follows, and what it reports."""
