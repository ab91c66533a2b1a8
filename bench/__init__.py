"""How fast messages are read and written, beside the peers, in one run: ``python -m bench``."""
