"""The control channel on a port of the loopback interface, for whoever may read the file with its token.

The file has ``port`` and ``token`` as JSON, and only its owner may read it. A connection sends the token as its first
line; then each line is an order, and gets a line as response, as on standard input (``envoy.server.control``).
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import secrets
import tempfile
from errno import EEXIST
from pathlib import Path

from envoy.errors import EnvoyError
from envoy.server.control import Control

_LONGEST_LINE = 1 << 24
_TOKEN_SECONDS = 10
_BEGIN = b'{"port": '


class Channel:
    """The control channel of a server that runs.

    Args:
        control: Follows the orders.
        file: Where to write how it is reached; the file is removed at the end.
    """

    def __init__(self, control: Control, file: Path) -> None:
        self._control = control
        self._file = file
        self._token = secrets.token_urlsafe(32)
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.StreamWriter] = set()

    async def open(self) -> None:
        """Take orders from now on, in the event loop that runs, one at a time between two requests.

        Raises:
            EnvoyError: The file cannot be written, or is another one, which would be lost.
        """
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=_LONGEST_LINE)
        port = self._server.sockets[0].getsockname()[1]
        try:
            if self._file.exists() and not _is_channel(self._file):
                raise FileExistsError(EEXIST, "another file is there, and would be lost")
            # A new file, for its owner alone, whatever others have put in that folder.
            descriptor, written = tempfile.mkstemp(prefix=f".{self._file.name}.", dir=self._file.parent)
            with open(descriptor, "w", encoding="utf-8") as out:
                json.dump({"port": port, "token": self._token}, out)
            # As a whole, over what a server that was killed has left behind.
            Path(written).replace(self._file)
        except OSError as error:
            await self.close()
            raise EnvoyError(
                f"the control channel cannot be written: {error.strerror}",
                where=str(self._file),
                remedy="Name a new file in a folder that you may write to.",
            ) from None

    async def close(self) -> None:
        """Take no more orders."""
        if self._server is None:
            return
        self._server.close()
        for writer in tuple(self._connections):
            writer.close()
        await self._server.wait_closed()
        with contextlib.suppress(OSError):
            # Another server, or something else, may have taken its place.
            if _is_channel(self._file) and self._token.encode() in self._file.read_bytes():
                self._file.unlink()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(writer)
        try:
            # Who breaks the connection off, or sends a line that does not end, is done.
            with contextlib.suppress(OSError, EOFError, ValueError):
                # Any user of this machine can connect, and is not to keep connections or memory of the server.
                async with asyncio.timeout(_TOKEN_SECONDS):
                    first = await reader.readexactly(len(self._token) + 1)
                if not hmac.compare_digest(first, f"{self._token}\n".encode()):
                    return
                while line := await reader.readline():
                    writer.write(self._control.respond(line).encode() + b"\n")
                    await writer.drain()
        finally:
            self._connections.discard(writer)
            writer.close()


def _is_channel(file: Path) -> bool:
    """Return whether a file is what a server that was killed has left behind, or is empty; a device is neither."""
    if not file.is_file():
        return False
    with file.open("rb") as content:
        return content.read(len(_BEGIN)) in (b"", _BEGIN)
