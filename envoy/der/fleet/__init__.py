"""Following a fleet: what its sites share of a server, and what has the follower of each go on when it is due."""
