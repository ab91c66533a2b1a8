"""The control channel on a port of the loopback interface."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from envoy.errors import EnvoyError
from envoy.server.channel import Channel
from envoy.server.control import Control
from envoy.server.faults import Faults
from envoy.server.recorder import Recorder
from envoy.utility import Utility


async def converse(file: Path, *lines: bytes, token: str = "") -> list[Any]:
    """Send lines after the token; return the responses, until the server has ended the connection."""
    way = json.loads(file.read_text())
    reader, writer = await asyncio.open_connection("127.0.0.1", way["port"])
    writer.write(b"\n".join([(token or way["token"]).encode(), *lines, b""]))
    writer.write_eof()
    responses = []
    with contextlib.suppress(ConnectionResetError):
        async for line in reader:
            responses.append(json.loads(line))
    writer.close()
    return responses


def run(file: Path, *lines: bytes, token: str = "") -> list[Any]:
    async def main() -> list[Any]:
        with Utility() as utility:
            channel = Channel(Control(utility, Faults(), Recorder()), file)
            await channel.open()
            try:
                return await converse(file, *lines, token=token)
            finally:
                await channel.close()

    return asyncio.run(main())


def test_orders_are_followed_one_after_the_other_and_the_file_goes_at_the_end(tmp_path: Path) -> None:
    file = tmp_path / "channel"
    lines = [b'{"order": "program", "name": "export"}', b"nonsense", b'{"order": "programs"}']
    made, error, listed = run(file, *lines)
    assert made["program"] == listed["programs"][0]["program"] == 1
    assert "error" in error
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_private_and_takes_the_place_of_one_left_behind(tmp_path: Path) -> None:
    file = tmp_path / "channel"
    file.write_text('{"port": 8444, "token": "left behind"}')

    async def main() -> int:
        with Utility() as utility:
            first, second = (Channel(Control(utility, Faults(), Recorder()), file) for _ in range(2))
            await first.open()
            await second.open()
            mode = file.stat().st_mode
            await first.close()
            assert await converse(file, b'{"order": "happened"}') == [{"happened": {}}]
            await second.close()
        return mode & 0o077

    assert asyncio.run(main()) == 0
    assert not file.exists()


@pytest.mark.parametrize("kind", ["file", "pipe", "folder"])
def test_what_is_not_a_channel_is_not_replaced(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "other"
    match kind:
        case "file":
            file.write_text("lfdi = 1")
        case "pipe":
            os.mkfifo(file)
        case _:
            file.mkdir()
    before = file.lstat()
    with pytest.raises(EnvoyError) as caught:
        run(file)
    assert caught.value.where == str(file)
    assert list(tmp_path.iterdir()) == [file]
    assert (file.lstat().st_mode, file.lstat().st_ino) == (before.st_mode, before.st_ino)


def test_the_end_ends_connections_that_wait(tmp_path: Path) -> None:
    file = tmp_path / "channel"

    async def main() -> bytes:
        with Utility() as utility:
            channel = Channel(Control(utility, Faults(), Recorder()), file)
            await channel.open()
            way = json.loads(file.read_text())
            reader, writer = await asyncio.open_connection("127.0.0.1", way["port"])
            writer.write(way["token"].encode() + b'\n{"order": "happened"}\n')
            assert await reader.readline() == b'{"happened": {}}\n'
            async with asyncio.timeout(60):
                await channel.close()
                rest = await reader.read()
            writer.close()
            return rest

    assert asyncio.run(main()) == b""


@pytest.mark.parametrize("token", ["wrong", "\xff", "x" * (1 << 20)])
def test_who_does_not_know_the_token_gets_no_word(tmp_path: Path, token: str) -> None:
    assert run(tmp_path / "channel", b'{"order": "reset"}', token=token) == []


def test_a_file_that_cannot_be_written_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(EnvoyError) as caught:
        run(tmp_path / "missing" / "channel")
    assert caught.value.where == str(tmp_path / "missing" / "channel")
