"""What docs/reference.py is made of: the texts of the schema, the generated classes beside them, and Markdown."""
