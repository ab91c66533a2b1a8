"""The verdict on one document."""
