"""Many documents validated by one command."""
