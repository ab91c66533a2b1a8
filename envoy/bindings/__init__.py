"""Run-time support of the generated classes."""
