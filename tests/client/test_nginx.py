"""The client against nginx, which refuses certificates in HTTP after the handshake; left out where nginx is missing."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from envoy import Client, RegistrationError, Site
from envoy.protocol.flow import Request
from envoy.tls.check import check_tls
from envoy.tls.pki import Pki, create_pki
from tests.conftest import ROOT
from tests.support.clients import credentials
from tests.support.commands import envoy
from tests.support.messages import message
from tests.support.ports import find_port, wait_for_port

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin:/opt/homebrew/bin")
pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")

CONFIGURATION = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{
  access_log off; absolute_redirect on;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} ssl; ssl_certificate {cert}; ssl_certificate_key {key};
    ssl_client_certificate {ca}; ssl_verify_client on; ssl_protocols TLSv1.2 TLSv1.3;
    location /dcap {{ return 200 '<DeviceCapability xmlns="urn:ieee:std:2030.5:ns" href="/dcap"/>'; }}
    location /moved {{ return 302 http://127.0.0.1/dcap; }}
  }}
}}
"""


@pytest.fixture(scope="module")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    """Certificates of a CA that nginx does not know."""
    return create_pki(tmp_path_factory.mktemp("strangers"), devices=("device",))


@pytest.fixture(scope="module")
def nginx(pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an nginx that demands certificates."""
    folder = tmp_path_factory.mktemp("nginx")
    port = find_port()
    files = {"cert": pki.server.certificate, "key": pki.server.key, "ca": pki.ca.certificate}
    (folder / "nginx.conf").write_text(CONFIGURATION.format(folder=folder, port=port, **files))
    assert NGINX is not None
    command = [NGINX, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        wait_for_port(port)
        assert process.poll() is None, (folder / "error.log").read_text()
        yield f"https://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(60)


def options(pki: Pki, strangers: Pki, who: str) -> dict[str, Any]:
    own = {"nobody": {}, "stranger": credentials(strangers), "device": credentials(pki)}[who]
    return {**own, "ca": pki.ca.certificate}


@pytest.mark.parametrize("who", ["nobody", "stranger"])
def test_a_client_that_nginx_does_not_let_in(
    who: str, nginx: str, pki: Pki, strangers: Pki, snapshot: SnapshotAssertion
) -> None:
    site = Site.load(ROOT / "examples" / "site.toml")
    with Client(nginx, **options(pki, strangers, who)) as client, pytest.raises(RegistrationError) as caught:
        client.register(site)
    text, _, remedy = message(caught.value).partition("\n")
    assert "400" in text
    assert remedy == snapshot
    report = check_tls(f"{nginx}/dcap", **options(pki, strangers, who))
    assert not report.good and report.demanded and not report.accepted
    assert [finding.what for finding in report.findings if finding.serious] == snapshot


def test_a_client_that_nginx_lets_in(nginx: str, pki: Pki, strangers: Pki) -> None:
    report = check_tls(f"{nginx}/dcap", **options(pki, strangers, "device"))
    assert report.good and report.accepted and report.demanded and report.status == 200
    with Client(nginx, **credentials(pki)) as client:
        assert client.discover().href == "/dcap"
        # nginx sends the scheme and port of its configuration.
        assert client.send(Request("test", "GET", "/moved")).status == 200


def test_the_command_says_it_too(nginx: str, pki: Pki) -> None:
    done = envoy("tls-check", f"{nginx}/dcap", "--ca", pki.ca.certificate)
    assert done.returncode == 1
    assert "none, demanded" in done.stdout and "Nothing is wrong" not in done.stdout


def test_plain_http_to_the_port_of_tls(nginx: str, snapshot: SnapshotAssertion) -> None:
    with Client(nginx.replace("https", "http")) as client, pytest.raises(Exception, match="400") as caught:
        client.discover()
    assert message(caught.value).partition("\n")[2] == snapshot
