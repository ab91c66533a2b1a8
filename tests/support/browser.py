"""A headless chromium, driven by its DevTools protocol over a pair of pipes: real clicks and keys."""

from __future__ import annotations

import fcntl
import json
import os
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, cast

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

_SECONDS = 60
_KEYS = {
    "Tab": (9, ""),
    "Enter": (13, "\r"),
    "Escape": (27, ""),
    " ": (32, " "),
    "ArrowUp": (38, ""),
    "ArrowDown": (40, ""),
    "ArrowRight": (39, ""),
}
_WAIT = """
new Promise((resolve) => {
  const end = (found) => { clearTimeout(timer); clearInterval(poll); observer.disconnect(); resolve(found); };
  const look = () => { let found; try { found = %s; } catch (error) {} if (found) end(found); };
  const observer = new MutationObserver(look);
  observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  const poll = setInterval(look, 100);
  const timer = setTimeout(() => end(null), %d);
  look();
})
"""


class Page:
    """A page in a browser."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._to, self._from = to_browser, from_browser
        self._number = 0
        self._session: str | None = None
        self._target = ""
        self._rest = b""
        self.messages: list[str] = []
        """What the console of the browser has: errors, and what a policy has refused."""

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Give the browser a command, and return its response."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            found = self._read()
            if found.get("id") == self._number:
                assert "error" not in found, found
                return cast(dict[str, Any], found["result"])
            if found.get("method") == "Runtime.exceptionThrown":
                self.messages.append(json.dumps(found["params"]["exceptionDetails"]))
            elif found.get("method") == "Log.entryAdded":
                self.messages.append(found["params"]["entry"]["text"])

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._from], [], [], 2 * _SECONDS)
            data = os.read(self._from, 1 << 16) if ready else b""
            assert data, "the browser has ended, or hangs"
            self._rest += data
        line, _, self._rest = self._rest.partition(b"\0")
        return cast(dict[str, Any], json.loads(line))

    def open(self, url: str, *, width: int = 1200, height: int = 900, dark: bool = False) -> None:
        """Open a page in a window of some size."""
        self._session = None
        if self._target:
            self.ask("Target.closeTarget", targetId=self._target)
        self.messages.clear()
        target = self._target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.ask(f"{domain}.enable")
        self.resize(width, height)
        self.set_dark(dark)
        self.ask("Page.navigate", url=url)

    def resize(self, width: int, height: int = 900) -> None:
        """Give the window another size."""
        self.ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )

    def set_dark(self, dark: bool) -> None:
        """Prefer dark colours, or light ones."""
        features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.ask("Emulation.setEmulatedMedia", features=features)

    def run(self, expression: str) -> Any:
        """Return the value of an expression of JavaScript."""
        found = self.ask("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def wait(self, expression: str) -> Any:
        """Wait until an expression is true, and return its value."""
        found = self.run(_WAIT % (expression, _SECONDS * 1000))
        assert found, f"{expression} has not become true; the page: {self.text('body')}; {self.messages}"
        return found

    def text(self, selector: str) -> str:
        """Return what is to be read in an element, with single spaces; empty if there is none."""
        found = self.run(f"document.querySelector({json.dumps(selector)})?.innerText || ''")
        return " ".join(str(found).split())

    def wait_text(self, selector: str, text: str) -> None:
        """Wait until something is to be read in an element."""
        element = f"document.querySelector({json.dumps(selector)})"
        self.wait(f"({element}?.innerText || '').replace(/\\s+/g, ' ').includes({json.dumps(text)})")

    def click(self, selector: str) -> None:
        """Click in the middle of an element, as the mouse does, once it is where it stays and nothing covers it."""
        element = f"document.querySelector({json.dumps(selector)})"
        x, y = self.wait(
            f"(() => {{ const e = {element}; e.scrollIntoView({{ block: 'center', behavior: 'instant' }}); "
            "const r = e.getBoundingClientRect(), at = [r.x + r.width / 2, r.y + r.height / 2]; "
            "const stays = String(at) === window.clickAt; window.clickAt = String(at); "
            "return stays && e.contains(document.elementFromPoint(...at)) && at; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            code, text = _KEYS[key]
            for kind in ("keyDown" if text else "rawKeyDown", "keyUp"):
                self.ask("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, text=text)

    def type(self, text: str) -> None:
        """Type where the focus is."""
        self.ask("Input.insertText", text=text)


@contextmanager
def browsing(folder: Path) -> Iterator[Page]:
    """Start a browser that keeps its profile in a folder; give a page of it, to be opened."""
    (given, to_browser), (from_browser, taken) = os.pipe(), os.pipe()
    # Beyond the numbers that they are to have in the end.
    commands, results = (fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, 10) for number in (given, taken))
    os.close(given)
    os.close(taken)
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", f"--user-data-dir={folder}"]
    # Its pipes are 3 and 4; not every shell can redirect numbers as high as these.
    script = f"import os, sys; os.dup2({commands}, 3); os.dup2({results}, 4); os.execv(sys.argv[1], sys.argv[1:])"
    command = [sys.executable, "-c", script, str(BROWSER), *options]
    with subprocess.Popen(command, pass_fds=(commands, results), stderr=subprocess.DEVNULL) as process:
        os.close(commands)
        os.close(results)
        try:
            page = Page(to_browser, from_browser)
            yield page
            page._session = None
            with suppress(AssertionError, OSError):
                page.ask("Browser.close")
        finally:
            os.close(to_browser)
            os.close(from_browser)
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()
