"""DNS-SD between two processes in a network of their own: a server that advertises itself, and those that find it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.dns_sd.lan import ADDRESS

UNSHARE = ["unshare", *([] if os.geteuid() == 0 else ["--map-root-user"]), "--net", "--", "sh", "-ec"]
NETWORK = f"""
ip link set lo up
ip link add envoy0 type veth peer name envoy1
ip addr add {ADDRESS}/24 dev envoy0
ip link set envoy0 up
ip link set envoy1 up
"""


def can_make_a_network() -> bool:
    if not all(map(shutil.which, ("unshare", "ip"))):
        return False
    return subprocess.run([*UNSHARE, NETWORK], capture_output=True).returncode == 0


@pytest.mark.skipif(not can_make_a_network(), reason="no network namespace can be made")
def test_a_server_that_advertises_itself_is_found(tmp_path: Path) -> None:
    run = f'{NETWORK} exec "$@"'
    command = [*UNSHARE, run, "sh", sys.executable, "-m", "tests.dns_sd.lan", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    registered, discovered, other_site, deregistered = json.loads(done.stdout)
    url, other = f"https://{ADDRESS}:8443/dcap", f"https://{ADDRESS}:9/dcap"

    assert (registered[0], registered[2].startswith(f"Server: {url} (")) == (0, True)
    found = json.loads(discovered[1])
    assert [(each["url"], each["own"], each["level"]) for each in found["servers"]] == [
        (url, True, "-S1"),
        (other, False, "-S1"),
    ]
    assert found["servers"][0]["path"].startswith("/edev/") and next(iter(found["servers"][0]["txt"])) == "txtvers"
    assert [(each["instance"], each["reason"]) for each in found["refused"]] == [
        ("rogue", "the first key of its TXT record is 'level', expected txtvers")
    ]
    # Neither has an EndDevice of the second site or its certificate, but with one of them there is TLS.
    assert (other_site[0], other_site[2].startswith(f"Server: {url} (")) == (0, True)
    assert (deregistered[0], deregistered[1].endswith(" deleted\n")) == (0, True)
