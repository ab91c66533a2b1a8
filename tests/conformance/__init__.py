"""The proof that the schemas and bindings of this repository are the standard's.

``python -m tests.conformance`` runs it and prints what it covered. The generator of documents (``documents``) and the
comparison of schemas (``components``) work for any XSD.
"""
