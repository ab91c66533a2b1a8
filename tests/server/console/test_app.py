"""The console without a browser: who gets in, what the page is allowed, what is to be read, and orders."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import html5lib
import httpx
import pytest

from envoy.server.console.app import create_console_app
from envoy.server.console.streams import Streams
from envoy.utility import ManualClock, Settings, Utility
from sep2 import ConnectionPoint, DERControlList
from tests.support.utilities import Client, new_lfdi

NOW = 1_700_000_000
TOKEN = secrets.token_urlsafe(32)
ORIGIN = "http://127.0.0.1:8000"
KNOWN = {"authorization": f"Bearer {TOKEN}"}
LIMIT: dict[str, Any] = {"duration": 600, "values": {"op_mod_exp_lim_w": 1500}}

Send = Callable[..., httpx.Response]


@pytest.fixture
def utility() -> Iterator[Utility]:
    with Utility(Settings(pre_registered=True), now=ManualClock(NOW)) as utility:
        yield utility


@pytest.fixture
def send(utility: Utility) -> Send:
    """Send a request to the console; return the response."""
    app = create_console_app(utility, Streams(utility.now), token=TOKEN, port=8000)

    async def exchange(method: str, path: str, options: dict[str, Any]) -> httpx.Response:
        # What is raised is to be a response, as it is in a server.
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
            return await client.request(method, path, **options)

    def send(method: str, path: str, **options: Any) -> httpx.Response:
        return asyncio.run(exchange(method, path, {"headers": KNOWN, **options}))

    return send


def limit(send: Send, site: str, **parts: Any) -> httpx.Response:
    return send("POST", "/api/limit", json={**LIMIT, "site": site, **parts})


# Who gets in

PATHS = [
    ("GET", "/api/sites"),
    ("GET", f"/api/sites/{'0' * 40}"),
    ("GET", "/api/changes"),
    ("POST", "/api/limit"),
    ("POST", "/api/cancel"),
    ("GET", "/api/nothing"),
    ("GET", "/favicon.ico"),
]


@pytest.mark.parametrize(("method", "path"), PATHS)
@pytest.mark.parametrize("headers", [{}, {"authorization": TOKEN}, {"authorization": "Bearer \xe9"}])
def test_who_does_not_know_the_token_gets_nothing(
    send: Send, utility: Utility, method: str, path: str, headers: dict[str, str]
) -> None:
    encoded = {name: value.encode("latin-1") for name, value in headers.items()}
    response = send(method, f"{path}?token={TOKEN}", headers=encoded, json=LIMIT)
    assert (response.status_code, response.json()["what"]) == (401, "the token is missing or wrong")
    assert utility.list_programs() == []


@pytest.mark.parametrize(("method", "path"), [("GET", "/"), *PATHS])
@pytest.mark.parametrize("host", ["utility.example:8000", "127.0.0.1", "127.0.0.1:8001", "127.0.0.1.example:8000", ""])
def test_a_name_that_somebody_else_leads_here_is_refused(send: Send, method: str, path: str, host: str) -> None:
    assert send(method, path, headers={**KNOWN, "host": host}).status_code == 421


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:8001", "https://127.0.0.1:8000"])
def test_another_page_cannot_give_orders(send: Send, utility: Utility, origin: str) -> None:
    response = send("POST", "/api/limit", headers={**KNOWN, "origin": origin}, json={**LIMIT, "site": "all"})
    assert response.status_code == 403
    assert utility.list_programs() == []


def test_the_page_itself_may(send: Send) -> None:
    for host in ("127.0.0.1:8000", "localhost:8000"):
        headers = {**KNOWN, "host": host, "origin": f"http://{host}"}
        assert send("POST", "/api/limit", headers=headers, json={**LIMIT, "site": "all"}).status_code == 200


@pytest.mark.parametrize("path", ["/", "/api/sites", "/api/nothing", "/api/sites/x"])
def test_every_response_says_what_a_browser_may_do_with_it(send: Send, path: str) -> None:
    for headers in (KNOWN, {}):
        found = send("GET", path, headers=headers).headers
        assert found["cache-control"] == "no-store"
        assert found["referrer-policy"] == "no-referrer"
        assert found["x-content-type-options"] == "nosniff"
        assert found["x-frame-options"] == "DENY"


# The page


def test_the_page_is_valid_and_runs_nothing_but_its_own(send: Send) -> None:
    response = send("GET", "/", headers={})
    assert TOKEN not in response.text
    html5lib.HTMLParser(strict=True).parse(response.text)
    tree = html5lib.parse(response.text, treebuilder="lxml", namespaceHTMLElements=False)
    policy = dict(part.split(" ", 1) for part in response.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["form-action"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["connect-src"] == "'self'"
    assert policy["require-trusted-types-for"] == "'script'"
    for name in ("style", "script"):
        (element,) = tree.findall(f".//{name}")
        digest = base64.b64encode(hashlib.sha256(element.text.encode()).digest()).decode()
        assert policy[f"{name}-src"] == f"'sha256-{digest}'"
        assert dict(element.attrib) == {}
    elements = [each for each in tree.iter() if isinstance(each.tag, str)]
    assert not [name for each in elements for name in each.attrib if name.startswith("on") or name in ("src", "style")]
    assert {each.get("href") for each in elements if each.get("href")} == {"data:,", "#site"}
    script = tree.findtext(".//script")
    for unsafe in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "://"):
        assert unsafe not in script
    assert not re.search(r"url\(|@import|://", tree.findtext(".//style"))
    labelled = {each for label in tree.findall(".//label") for each in label.iter("input", "select")}
    controls = {each for each in elements if each.tag in ("input", "select")}
    assert {each for each in controls if not each.get("aria-label")} <= labelled


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours by WCAG 2."""

    def luminance(colour: str) -> float:
        channels = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_text_is_to_be_read_in_both_schemes(send: Send) -> None:
    page = send("GET", "/", headers={}).text
    schemes = [dict(re.findall(r"--([\w-]+): (#\w{6})", block)) for block in re.findall(r":root \{(.*?)\}", page, re.S)]
    assert len(schemes) == 2
    pairs = [(text, ground) for text in ("ink", "quiet", "accent") for ground in ("paper", "card", "usual", "tint")]
    for colours in schemes:
        for text, ground in [*pairs, ("on-accent", "accent")]:
            assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
        for line, ground in [("line", "card"), ("line", "paper")]:
            assert contrast(colours[line], colours[ground]) >= 3, (line, ground)


# What is to be read


def test_sites_are_read_in_pages_and_found_by_any_of_their_names(send: Send, utility: Utility) -> None:
    sites = [new_lfdi() for _ in range(1000)]
    for number, lfdi in enumerate(sites):
        utility.register(lfdi, nmi=f"61{number:08d}")
    page = send("GET", "/api/sites?limit=100000&start=990").json()
    assert (page["total"], page["found"], len(page["sites"])) == (1000, 1000, 10)
    assert len(send("GET", "/api/sites?limit=100000").json()["sites"]) == 100
    for find, href in [("6100000007", "/edev/8"), (sites[8].hex(), "/edev/9"), ("/edev/1000", "/edev/1000")]:
        found = send("GET", "/api/sites", params={"find": find}).json()
        assert [each["href"] for each in found["sites"]] == [href]
    assert send("GET", "/api/sites?find=nobody").json()["sites"] == []


@pytest.mark.parametrize("query", ["start=-1", "limit=x", "start=1e3", "limit=9999999999"])
def test_a_page_is_asked_for_by_numbers(send: Send, query: str) -> None:
    assert send("GET", f"/api/sites?{query}").status_code == 400


def test_a_site_that_nobody_is_has_nothing_and_a_name_that_cannot_be_is_an_error(send: Send) -> None:
    nobody = send("GET", f"/api/sites/{'0' * 39}1").json()
    assert (nobody["href"], nobody["programs"], nobody["readings"], nobody["ders"]) == (None, [], [], [])
    assert send("GET", "/api/sites/somebody").json()["what"] == "there is no site 'somebody'"


def test_an_operator_sees_the_same_as_by_the_vocabulary(send: Send, utility: Utility) -> None:
    client = Client(utility)
    client.get("/edev")
    client.send("PUT", "/edev/1/cp", ConnectionPoint(connection_point_id="6123456789"))
    limit(send, client.lfdi.hex())
    utility.program("all").default(op_mod_exp_lim_w=5000)
    found = send("GET", f"/api/sites/{client.lfdi.hex()}").json()
    assert (found["nmi"], found["href"], found["now"], found["stands_still"]) == ("6123456789", "/edev/1", NOW, True)
    listed = utility.list_programs(client.lfdi)
    for shown, program in zip(found["programs"], listed, strict=True):
        controls = [{**each, "state": "active", "sites": "all"} for each in program["controls"]]
        sites = "all" if program["sites"] == "all" else len(program["sites"])
        assert shown == {**program, "controls": controls, "sites": sites}
    assert [each["value"] for each in found["modes"]["op_mod_exp_lim_w"]] == [5000, 1500, 5000]
    assert send("GET", "/api/sites").json()["sites"][0]["modes"] == found["modes"]


def test_a_control_that_is_over_is_still_shown_for_an_hour(send: Send, utility: Utility) -> None:
    site = new_lfdi().hex().upper()
    limit(send, site)
    utility.advance(600)
    states = [each["state"] for each in send("GET", f"/api/sites/{site}").json()["programs"][0]["controls"]]
    assert states == ["over"]
    utility.advance(3600)
    assert send("GET", f"/api/sites/{site}").json()["programs"][0]["controls"] == []


# Orders


def test_a_limit_is_there_for_its_site_and_can_be_cancelled(send: Send, utility: Utility) -> None:
    client, other = Client(utility), Client(utility)
    for each in (client, other):
        each.get("/edev")
    made = limit(
        send, client.lfdi.hex(), start=NOW + 60, values={"op_mod_gen_lim_w": 99_000, "randomize_start": 30}
    ).json()
    control = client.load("/edev/1/derp/1/derc", DERControlList, l=9).der_control[0]
    assert (control.mrid.hex().upper(), float(control.der_control_base.op_mod_gen_lim_w)) == (made["mrid"], 99_000)
    assert (control.interval.start, control.interval.duration, control.randomize_start) == (NOW + 60, 600, 30)
    assert other.get("/edev/2/derp/1").status == 404
    assert send("POST", "/api/cancel", json={"control": made["control"]}).json() == {"ok": True}
    control = client.load("/edev/1/derp/1/derc", DERControlList, l=9).der_control[0]
    assert control.event_status.current_status == 3


def test_a_limit_is_in_the_program_of_its_primacy_or_in_the_one_that_it_names(send: Send, utility: Utility) -> None:
    site, other = new_lfdi().hex().upper(), new_lfdi().hex().upper()
    for primacy in (3, 3, 0):
        limit(send, site, primacy=primacy)
    limit(send, "all", primacy=0)
    names = [f"{site} at primacy 3", f"{site} at primacy 0", "all sites at primacy 0"]
    assert [(each["name"], each["sites"]) for each in utility.list_programs()] == [
        (names[0], [site]),
        (names[1], [site]),
        (names[2], "all"),
    ]
    limit(send, other, program=3)
    numbered = {each["control"]: each["sites"] for each in utility.list_programs()[2]["controls"]}
    assert [sites for _, sites in sorted(numbered.items())] == ["all", [other]]


@pytest.mark.parametrize(
    "order",
    [
        {},
        {"site": 7},
        {"site": "nobody"},
        {"site": "all", "values": {}},
        {"site": "all", "values": 7},
        {"site": "all", "values": {"op_mod_exp_lim_w": "lots"}},
        {"site": "all", "values": {"op_mod_exp_lim_w": 1e300}},
        {"site": "all", "primacy": 256},
        {"site": "all", "primacy": True},
        {"site": "all", "primacy": None},
        {"site": "all", "duration": "long"},
        {"site": "all", "duration": -1},
        {"site": "all", "start": 0.5},
        {"site": "all", "program": 9},
        {"site": "all", "program": "x"},
    ],
)
def test_an_order_that_cannot_be_followed_is_an_error_with_a_remedy(
    send: Send, utility: Utility, order: dict[str, Any]
) -> None:
    response = send("POST", "/api/limit", json={**LIMIT, **order})
    assert response.status_code == 400
    assert response.json()["what"] and set(response.json()) == {"what", "where", "remedy"}
    assert utility.list_programs() == []


@pytest.mark.parametrize("control", [None, 9, "1", True])
def test_what_is_not_a_control_cannot_be_cancelled(send: Send, control: Any) -> None:
    assert send("POST", "/api/cancel", json={"control": control}).status_code == 400


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b'{"site": "all"}', "text/plain"),
        (b'{"site": "all"}', ""),
        (b"site=all", "application/json"),
        (b"[]", "application/json"),
        (b"\xff", "application/json"),
        (b"[" * 10_000, "application/json"),
        (b'{"site": "' + b"a" * (1 << 14) + b'"}', "application/json"),
    ],
    ids=["text", "no type", "form", "list", "octets", "deep", "large"],
)
def test_a_body_is_one_json_object(send: Send, content: bytes, content_type: str) -> None:
    headers = {**KNOWN, "content-type": content_type}
    assert send("POST", "/api/limit", headers=headers, content=content).status_code == 400


@pytest.mark.parametrize(("method", "path"), [("GET", "/api/limit"), ("POST", "/api/sites"), ("GET", "/api/nothing")])
def test_there_is_nothing_else(send: Send, method: str, path: str) -> None:
    assert send(method, path).status_code in (404, 405)
