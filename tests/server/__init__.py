"""Tests of the utility server."""
