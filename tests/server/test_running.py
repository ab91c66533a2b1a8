"""Starting and stopping the server, its files and its settings."""

from __future__ import annotations

import signal
import socket
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from envoy.errors import EnvoyError, IdentityError, ProfileError
from envoy.server import Settings, Utility, serve
from sep2 import (
    ConnectionPoint,
    EndDeviceList,
    Registration,
)
from tests.support.serving import Client, Pki, Server, end_device, new_lfdi, running


def test_the_first_line_says_where_to_find_it(any_server: Server) -> None:
    port = any_server.port
    assert any_server.line == f"Listening on https://127.0.0.1:{port}/dcap (profile {any_server.profile})\n"


def test_ctrl_c_ends_it_in_peace_even_with_a_connection_open(own_pki: Pki, tmp_path: Path) -> None:
    with running(own_pki, tmp_path) as server, Client(server) as client:
        client.get("/dcap")
        assert server.stop(signal.SIGINT) == (0, "", "")


def test_a_file_outlives_the_server(own_pki: Pki, tmp_path: Path) -> None:
    database = tmp_path / "server.db"
    lfdi = new_lfdi()
    with running(own_pki, tmp_path, database=database) as server, Client(server) as client:
        path = client.register(lfdi)
        client.send_object("PUT", f"{path}/cp", ConnectionPoint(connection_point_id="NMI1"))
        assert server.stop() == (0, "", "")
    with running(own_pki, tmp_path, database=database, in_band=False, pin=123455) as server:
        again = Client(server, credential=client.credential)
        devices = again.load("/edev", EndDeviceList, l=10)
        assert [device.lfdi for device in devices.end_device] == [client.lfdi, lfdi]
        assert again.load(f"{path}/cp", ConnectionPoint).connection_point_id == "NMI1"
        assert again.load(f"{path}/rg", Registration).pin == 123455
        assert again.send_object("POST", "/edev", end_device(new_lfdi())).status_code == 403
        again.close()
    with pytest.raises(EnvoyError, match=r"holds resources of the profile csip-aus-1\.2"):
        Utility(Settings("csip-aus-1.3"), database)


def test_a_port_in_use_is_an_error_that_says_so(own_pki: Pki) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(EnvoyError, match="cannot listen") as caught:
        serve_in_folder(own_pki.folder, port=taken.getsockname()[1])
    assert "another port" in caught.value.remedy


def test_missing_and_wrong_files_are_errors_that_name_them(own_pki: Pki, tmp_path: Path) -> None:
    with pytest.raises(EnvoyError, match=r"server\.pem: no such certificate file"):
        serve_in_folder(tmp_path)
    with pytest.raises(EnvoyError, match=r"ca\.key: holds no certificate in PEM"):
        serve_in_folder(own_pki.folder, ca=own_pki.folder / "ca.key")
    with pytest.raises(EnvoyError, match="the key does not belong to the certificate"):
        serve_in_folder(own_pki.folder, key=own_pki.folder / "ca.key")


def test_an_encrypted_key_is_an_error_and_no_prompt(own_pki: Pki, tmp_path: Path) -> None:
    key = tmp_path / "encrypted.key"
    form = (Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
    key.write_bytes(own_pki.authority.credential.key.private_bytes(*form))
    with pytest.raises(EnvoyError, match="the key is encrypted"):
        serve_in_folder(own_pki.folder, key=key, certificate=own_pki.folder / "ca.pem")


def test_a_database_that_is_none_is_an_error(own_pki: Pki, tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("not a database " * 100)
    foreign = tmp_path / "foreign.db"
    connection = sqlite3.connect(foreign)
    connection.execute("CREATE TABLE something (x)")
    connection.close()
    for database in (text, foreign, tmp_path / "no" / "folder.db"):
        with pytest.raises(EnvoyError, match=database.name):
            serve_in_folder(own_pki.folder, database=database)


def serve_in_folder(folder: Path, **options: Any) -> None:
    files = {"certificate": folder / "server.pem", "key": folder / "server.key", "ca": folder / "ca.pem"}
    serve(**{**files, **options})


def test_the_dialect_of_envoy_0_1_is_refused() -> None:
    with pytest.raises(ProfileError, match=r"does not speak envoy-0\.1"):
        Settings(profile="envoy-0.1")


def test_a_pin_needs_its_check_digit() -> None:
    with pytest.raises(IdentityError, match="wrong check digit"):
        Settings(pin=111111)
