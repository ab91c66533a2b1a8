"""Kills of a following process at random moments: ``nox -s kills``, or ``python -m tests.der.kills --count 500``."""
