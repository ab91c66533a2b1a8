"""Commands about readings: posting them, and the spool that keeps them until then."""
