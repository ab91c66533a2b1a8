"""Commands about the sites of a server: registering and listing them, and showing the messages for that."""
