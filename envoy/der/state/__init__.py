"""The state of a followed EndDevice on disk: what its schedule knows, and the history of what held and why."""
