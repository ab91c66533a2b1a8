"""Following a server: reading its programs at its rates, applying what holds, and sending responses."""
