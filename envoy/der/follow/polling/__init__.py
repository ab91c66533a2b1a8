"""What is read of a server again and again: when, which programs, and its time."""
