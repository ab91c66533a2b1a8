"""The console in a real browser: by mouse and by keyboard, on a wide screen and on a narrow one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from envoy.client.client import Client
from envoy.documents import dumps
from envoy.identity import format_lfdi
from envoy.protocol.flow import Request
from envoy.testing import UtilityServer
from sep2 import ConnectionPoint, DERControl, DERControlList, DERControlResponse, DERStatus, ResponseStatus
from sep2.der import ConnectStatus, ConnectStatusType
from tests.support.browser import BROWSER, Page, browsing
from tests.support.consoles import console_of

pytestmark = pytest.mark.skipif(BROWSER is None, reason="needs chromium")

EVIL = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browsing(tmp_path_factory.mktemp("browser")) as page:
        yield page


@pytest.fixture
def server() -> Iterator[UtilityServer]:
    with UtilityServer(options=["--console", "--pre-registered"], clock="manual") as server:
        yield server


class Device:
    """A site that responds when a test says so."""

    def __init__(self, client: Client) -> None:
        self.client = client
        (self.device,) = client.end_devices()
        self.send("PUT", f"{self.device.href}/cp", ConnectionPoint(connection_point_id="6123456789"))

    def send(self, method: str, href: str, body: object) -> None:
        content = dumps(body, profile=self.client.profile)
        assert self.client.send(Request("test", method, href, content)).status in (201, 204)

    def controls(self, program: int = 1) -> list[DERControl]:
        found = self.client.get(f"{self.device.href}/derp/{program}/derc?l=50", DERControlList)
        return list(found.der_control)

    def respond(self, control: DERControl, *statuses: int) -> None:
        for status in statuses:
            response = DERControlResponse(
                end_device_lfdi=self.device.lfdi,
                status=ResponseStatus(status),
                subject=control.mrid,
                created_date_time=control.interval.start,
            )
            self.send("POST", control.reply_to or "", response)


@pytest.fixture
def device(server: UtilityServer) -> Iterator[Device]:
    with server.client("inverter") as client:
        yield Device(client)


def test_a_limit_that_is_clicked_arrives_at_a_client_and_its_responses_on_the_page(
    page: Page, server: UtilityServer, device: Device
) -> None:
    page.open(console_of(server).page)
    page.wait_text("#site-name", "6123456789")
    assert page.run("location.href") == f"{console_of(server).origin}/"
    page.click("[name=op_mod_exp_lim_w]")
    page.type("1500")
    page.click("#order button")
    page.wait_text("#said", "Control 1 for 6123456789: export at most 1,500 W, for 10 min.")
    page.wait_text("#controls", "1 active export at most 1,500 W")
    page.wait_text("#plan", "Export at most 1,500 W")
    page.wait_text("#sites [aria-current]", "export \u2264 1,500 W until")
    (control,) = device.controls()
    assert float(control.der_control_base.op_mod_exp_lim_w) == 1500
    assert (control.interval.start, control.interval.duration) == (server.now(), 600)

    device.respond(control, 1, 2)
    page.wait_text("#responses", "2 started 1")
    page.wait_text("#controls", "started")
    status = DERStatus(
        reading_time=server.now(),
        gen_connect_status=ConnectStatusType(date_time=server.now(), value=ConnectStatus(7)),
    )
    device.send("PUT", f"{device.device.href}/der/1/ders", status)
    page.wait_text("#status", "connected, available, operating")

    page.click("[aria-label='Cancel control 1']")
    page.wait_text("#said", "Control 1 is cancelled.")
    page.wait_text("#controls", "1 cancelled")
    assert device.controls()[0].event_status.current_status == 2
    device.respond(control, 6)
    page.wait_text("#responses", "6 cancelled")
    page.wait_text("#plan", "Nothing")

    # What others order is seen as well, and so is the time.
    server.site_program(format_lfdi(device.device.lfdi or b"")).control(duration=60, op_mod_energize=False)
    page.wait_text("#controls", "2 active de-energize")
    server.advance(60)
    page.wait_text("#controls", "2 over de-energize")
    assert page.messages == []


def test_a_control_is_made_for_all_sites_for_later_in_a_program_by_name(
    page: Page, server: UtilityServer, device: Device
) -> None:
    server.program(EVIL, primacy=4).default(op_mod_imp_lim_w=7000)
    page.open(console_of(server).page)
    page.wait_text("#controls", EVIL)
    page.wait_text("#plan", "Import at most 7,000 W")
    page.run("document.querySelector('[name=program]').value = '1'")
    page.run("document.querySelector('[name=target]').value = 'all'")
    page.run("document.querySelector('[name=op_mod_connect]').value = 'false'")
    start = server.now() // 60 * 60 + 600
    page.run(
        f"(() => {{ const d = new Date({start} * 1000); d.setMinutes(d.getMinutes() - d.getTimezoneOffset()); "
        "document.querySelector('[name=start]').value = d.toISOString().slice(0, 19); })()"
    )
    page.click("[name=randomize_start]")
    page.type("30")
    page.click("#order button")
    page.wait_text("#controls", "1 scheduled disconnect")
    (control,) = device.controls()
    assert (control.interval.start, control.randomize_start) == (start, 30)
    assert server.list_programs()[0]["controls"][0]["sites"] == "all"
    page.run("document.querySelector('[name=duration]').value = '99999999999'")
    page.click("#order button")
    page.wait_text("#said.wrong", "duration")
    assert len(device.controls()) == 1
    assert page.run("document.title") == "Console of the utility"
    assert page.run("document.images.length + document.scripts.length") == 1


def test_all_of_it_goes_by_keyboard(page: Page, server: UtilityServer, device: Device) -> None:
    for number in range(3):
        server.register(bytes(19) + bytes([number + 1]), nmi=f"61{number:08}")
    page.open(console_of(server).page)
    page.wait("document.querySelectorAll('#sites button').length === 4")
    page.wait_text("#site-name", "6123456789")
    focused = "document.activeElement"
    page.press("Tab")
    assert page.run(f"{focused}.className") == "skip"
    page.press("Tab")
    assert page.run(f"{focused}.id") == "find"
    page.press("Tab", "ArrowDown", "ArrowDown", "Enter")
    page.wait_text("#site-name", "6100000001")
    # The list is drawn again meanwhile, and the focus stays.
    server.register(bytes(18) + b"\1\1")
    page.wait("document.querySelectorAll('#sites button').length === 5")
    assert "6100000001" in page.run(f"{focused}.innerText")
    page.press("ArrowUp", "ArrowUp", "Enter")
    page.wait_text("#site-name", "6123456789")
    for _ in range(20):
        if page.run(f"{focused}.name") == "op_mod_gen_lim_w":
            break
        page.press("Tab")
    page.type("2500")
    page.press("Enter")
    page.wait_text("#controls", "1 active generate at most 2,500 W")
    assert float(device.controls()[0].der_control_base.op_mod_gen_lim_w) == 2500
    for _ in range(20):
        if (page.run(f"{focused}.getAttribute('aria-label')") or "").startswith("Cancel"):
            break
        page.press("Tab")
    page.press("Enter")
    page.wait_text("#controls", "1 cancelled")
    # The button is gone; the focus is where it was.
    page.wait(f"{focused}.id === 'controls-heading'")
    assert page.messages == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_narrow_screen_scrolls_one_way_only(page: Page, server: UtilityServer, device: Device, dark: bool) -> None:
    long = "x" * 60
    program = server.program(long, primacy=3)
    program.default(op_mod_exp_lim_w=5000, op_mod_imp_lim_w=15_000, op_mod_gen_lim_w=99_000, set_grad_w=27)
    for start in range(0, 3600, 600):
        program.control(start=server.now() + start, duration=300, op_mod_load_lim_w=123_450, randomize_start=30)
    control = device.controls()[0]
    device.respond(control, 1, 2, 252)
    page.open(console_of(server).page, width=400, dark=dark)
    page.wait_text("#controls", long)
    page.wait_text("#responses", "252 not applicable")
    assert page.run("document.documentElement.scrollWidth") <= 400
    outside = "[...document.querySelectorAll('#detail *')].filter((e) => e.getBoundingClientRect().right > 401).length"
    assert page.run(f"document.querySelector('.axis') && {outside}") == 0
    light = page.run("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).every((c) => c > 127)")
    assert light is not dark


def test_a_thousand_sites_are_looked_through_in_pages(page: Page, server: UtilityServer) -> None:
    for number in range(60):
        server.register(number.to_bytes(20), nmi=f"61{number:08}")
    page.open(console_of(server).page)
    page.wait_text("#range", "1 to 25")
    page.click("#next")
    page.wait_text("#range", "26 to 50")
    page.click("#next")
    page.wait_text("#range", "51 to 60")
    assert page.run("document.querySelector('#next').disabled")
    page.click("#find")
    page.type("610000004")
    page.wait_text("#count", "10 of 60")
    assert page.run("document.querySelectorAll('#sites button').length") == 10


def test_who_has_not_the_token_is_told_where_it_is(page: Page, server: UtilityServer) -> None:
    page.open(f"{console_of(server).origin}/#wrong")
    page.wait_text("#live.off", "refused")
    page.wait_text("#empty", "the token is missing or wrong. Open the URL that was printed.")


def test_a_server_that_has_gone_is_noticed(page: Page) -> None:
    with UtilityServer(options=["--console", "--pre-registered"]) as server:
        page.open(console_of(server).page)
        page.wait_text("#live", "live")
    page.wait_text("#live.off", "no connection")
