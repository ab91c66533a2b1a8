"""The certifier's tester of CSIP-AUS servers, ``cactus-client``, run against ``envoy serve``: not a test of pytest.

``nox -s certifier`` runs it, in an environment of its own: it needs Python 3.12. ``procedure`` runs one procedure
against a server of its own, ``admin`` gives that server the orders that the procedure asks an administrator for,
``expectations`` names what cannot pass and why, and ``python -m tests.certifier`` runs all of them and prints a table.
"""
