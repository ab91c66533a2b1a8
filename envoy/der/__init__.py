"""What a distributed energy resource reports and does."""
