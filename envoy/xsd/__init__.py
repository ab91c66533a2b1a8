"""The reader of XSD files."""
