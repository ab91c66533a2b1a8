"""``cactus-client-notifications`` on 127.0.0.1, until standard input ends: ``python -m tests.certifier.notifications``.

Started as its own module it would listen on all addresses of the machine. The first line on standard output is its URL.
"""

from __future__ import annotations

import os
import socket
import sys
import threading

from aiohttp import web


def main() -> None:
    """Receive what is sent, and hand it out to the procedures."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    # It takes its settings from the environment, when it is imported.
    os.environ |= {"SERVER_URL": url, "LOG_LEVEL": "ERROR"}
    from cactus_client_notifications.server.main import app

    threading.Thread(target=_stop_with_standard_input, daemon=True).start()
    print(url, flush=True)
    web.run_app(app, sock=listener, print=None)


def _stop_with_standard_input() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
