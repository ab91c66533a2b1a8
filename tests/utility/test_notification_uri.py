"""Notifications go to this machine and to the hosts on the list, and nowhere else, however a URI is written."""

from __future__ import annotations

import pytest

from envoy.errors import EnvoyError
from envoy.utility.notification_uri import check_uri


@pytest.mark.parametrize(
    "uri",
    [
        *("http://127.0.0.1/n", "http://localhost:1/n", "https://[::1]:9/n", "https://127.9.9.9/n"),
        *("https://der.x.example/n", "https://DER.x.example:444/n?a=b"),
    ],
)
def test_notifications_go_to_this_machine_and_to_hosts_on_the_list(uri: str) -> None:
    check_uri(uri, ["der.x.example"])


@pytest.mark.parametrize(
    "uri",
    [
        *("http://der.x.example/n", "https://x.example/n", "https://a.der.x.example/n", "https://10.0.0.1/n"),
        *("https://localhost.evil.example/n", "https://localhost@evil.example/n", "https://127.0.0.1@evil.example/"),
        *("ftp://127.0.0.1/n", "file:///etc/passwd", "//127.0.0.1/n", "notify", "", "https:///n", "https://[::1/n"),
        *("https://127.0.0.1:99999/n", "https://0.0.0.0/n", "https://169.254.169.254/", "http://127.0.0.1/\r\nx: y"),
        *("https://2130706433/n", "https://0x7f.1/n", "https://local\u0068\u00f6st/n"),
    ],
)
def test_notifications_go_nowhere_else(uri: str) -> None:
    with pytest.raises(EnvoyError):
        check_uri(uri, ["der.x.example"])
