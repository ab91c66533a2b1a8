"""Starting and stopping the server, and its files."""

from __future__ import annotations

import re
import signal
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from envoy.errors import EnvoyError
from envoy.server import serve
from envoy.tls.pki import Pki
from tests.support.serving import files_of, http_client


def serve_with(pki: Pki, **options: Any) -> EnvoyError:
    """Return the error that keeps a server from starting."""
    with pytest.raises(EnvoyError) as caught:
        serve(**{**files_of(pki), **options})
    return caught.value


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_line_says_where_to_find_it_and_a_signal_ends_it_in_peace(pki: Pki, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "envoy", "serve", "--quiet", "--port", "0", "--profile", "csip-aus-1.3"]
    command += ["--cert", str(pki.server.certificate), "--key", str(pki.server.key), "--ca", str(pki.ca.certificate)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        match = re.fullmatch(
            r"Listening on (https://127\.0\.0\.1:\d+)/dcap \(profile csip-aus-1\.3\)\n", process.stdout.readline()
        )
        assert match is not None
        with http_client(pki, match[1]) as client:
            # Its connection stays open.
            accept = {"accept": "application/sep+xml; csipaus=1.3"}
            status = client.get("/dcap", headers=accept).status_code
            process.send_signal(number)
            assert process.communicate(timeout=60) == ("", "")
    assert (process.returncode, status) == (0, 200)


def test_a_port_in_use_is_an_error_that_names_it(pki: Pki) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        error = serve_with(pki, port=port)
    assert error.where == f"127.0.0.1:{port}"
    assert error.remedy


def test_missing_and_wrong_files_are_errors_that_name_them(pki: Pki, tmp_path: Path) -> None:
    missing = tmp_path / "server.pem"
    assert serve_with(pki, certificate=missing).where == str(missing)
    assert serve_with(pki, ca=pki.ca.key).where == str(pki.ca.key)
    assert str(pki.ca.key) in str(serve_with(pki, key=pki.ca.key))


def test_an_encrypted_key_is_an_error_and_no_prompt(pki: Pki, tmp_path: Path) -> None:
    key = tmp_path / "encrypted.key"
    plain = load_pem_private_key(pki.server.key.read_bytes(), None)
    key.write_bytes(plain.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")))
    error = serve_with(pki, key=key)
    assert str(key) in str(error) and "encrypted" in error.what


def test_a_file_that_is_not_a_database_of_a_utility_is_an_error(pki: Pki, tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("not a database " * 100)
    foreign = tmp_path / "foreign.db"
    connection = sqlite3.connect(foreign)
    connection.execute("CREATE TABLE something (x)")
    connection.close()
    for database in (text, foreign, tmp_path / "no" / "folder.db"):
        assert serve_with(pki, database=database).where == str(database)
