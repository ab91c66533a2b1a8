"""Benchmarks of reading and writing messages, beside the peers, in one run: ``python -m bench``."""
