"""A utility that follows a procedure: it responds as any does, and shows each request to the run."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from envoy.errors import EnvoyError
from envoy.procedures.evidence import Exchange
from envoy.procedures.procedure import Procedure
from envoy.procedures.progress import Phase, RunSettings
from envoy.procedures.report import FORMATS
from envoy.procedures.run import Run
from envoy.protocol.flow import Response
from envoy.utility import Settings, Utility


class Rehearsal(Utility):
    """A utility that follows a procedure.

    Args:
        procedure: What is done and waited for.
        settings: What can be set on the utility; None for the usual. No event is forgotten, and the EndDevice of a
            certificate is there beforehand for an aggregator alone.
        database: SQLite file that keeps the resources, in which there should be none; ``:memory:`` forgets them.
        run_settings: What can be set on the run; None for the usual.
        notify: Called with a line for what people should know.
        now: Clock, in seconds since 1970; a ``ManualClock`` to put it forward with ``advance``.
        log: Called with a line for each request.

    Attributes:
        run: The run of the procedure.

    Raises:
        ProcedureError: There are programs in the database already.
        EnvoyError: As ``Utility``.
    """

    def __init__(
        self,
        procedure: Procedure,
        settings: Settings | None = None,
        database: str | Path = ":memory:",
        *,
        run_settings: RunSettings | None = None,
        notify: Callable[[str], None] = lambda line: None,
        now: Callable[[], float] = time.time,
        log: Callable[[str], None] | None = None,
    ) -> None:
        run_settings = run_settings or RunSettings()
        settings = dataclasses.replace(settings or Settings(), keep_events=None, pre_registered=run_settings.aggregator)
        super().__init__(settings, database, now=now, log=log)
        self._time = now
        try:
            self.run = Run(procedure, self, clock=now, settings=run_settings, notify=notify)
        except BaseException:
            self.close()
            raise

    def refuse(self, method: str, href: str, *, client: bytes, headers: Mapping[str, str]) -> Response | None:
        """Refuse nothing by its head alone: what a step waits for counts when the whole request has come."""
        return None

    def respond(
        self,
        method: str,
        href: str,
        *,
        client: bytes,
        headers: Mapping[str, str],
        content: bytes | None = None,
        decoded: Any = None,
    ) -> Response:
        """Process a request as a utility does, and show it to the run before and after."""

        def process(at: str) -> Response:
            return super(Rehearsal, self).respond(
                method, at, client=client, headers=headers, content=content, decoded=decoded
            )

        if not client:
            return process(href)
        parts = urlsplit(href)
        exchange = Exchange(
            time=self._time(),
            method=method,
            path=unquote(parts.path),
            first_page=parse_qs(parts.query).get("s", ["0"])[0].strip("0") == "",
            endpoint=None,
            client=client,
            during=False,
        )
        self.run.begin(exchange)
        interventions = self.run.interventions
        error = interventions.error_for(exchange)
        if error is not None:
            exchange.forced = True
            response = self.reject(method, href, error)
        else:
            target = interventions.target(exchange.path)
            at = href if target == exchange.path else f"{target}?{parts.query}" if parts.query else target
            response = interventions.response_for(exchange) or process(at)
        exchange.status = response.status
        self.run.end(exchange)
        return response

    def follow(self, order: str, parts: Mapping[str, Any]) -> dict[str, Any]:
        """Follow an order, as a utility does, and two more.

        ``proceed`` goes on with the step that waits for people; ``rehearsal`` gives the report so far, in a ``form``.
        """
        if order == "proceed":
            return {"step": self.run.proceed()}
        if order == "rehearsal":
            write = FORMATS.get(str(parts.get("form", "text")))
            if write is None:
                raise EnvoyError(f"there is no report {parts['form']!r}", remedy=f"There are {', '.join(FORMATS)}.")
            return {"report": write(self.run.outcome)}
        if order != "advance":
            return super().follow(order, parts)
        seconds = parts.get("seconds")
        end = self._time() + (seconds if isinstance(seconds, int | float) else 0)
        # Stop at each moment at which something happens: what follows from it may be due before the end as well.
        while (due := self.run.next_due) is not None and self._time() < due < end:
            super().follow(order, {"seconds": due - self._time()})
            self.run.advance()
        done = super().follow(order, {**parts, "seconds": end - self._time()} if seconds is not None else parts)
        self.run.advance()
        return done

    def settle_notification(self, number: int, status: int | None, why: str = "") -> None:
        """Note what came of a notification, as a utility does, and show it to the run."""
        super().settle_notification(number, status, why)
        self.run.note_delivery(status, why)

    def watch(self) -> bool:
        """Do what the time has come for, and return whether the run has ended."""
        self.run.advance()
        return self.run.phase is Phase.FINISHED
