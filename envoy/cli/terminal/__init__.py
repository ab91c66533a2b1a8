"""What commands show while they run, where it goes, and the status that they end with."""
