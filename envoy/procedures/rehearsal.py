"""A utility that follows a procedure: it takes requests as ``Utility`` does, and shows them to the run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import parse_qs, unquote, urlsplit

from envoy.procedures.evidence import Exchange
from envoy.procedures.procedure import Procedure
from envoy.procedures.run import Run, RunSettings
from envoy.profiles import Profile
from envoy.protocol.flow import Response
from envoy.utility import Settings, Utility
from envoy.utility.resource import RequestError


class Rehearsal:
    """A utility that follows a procedure, for whatever serves a ``Utility``.

    Args:
        procedure: What is done and waited for.
        utility: The utility, with nothing in it yet.
        clock: The clock of the utility, in seconds since 1970.
        settings: What can be set; None for the usual.
        notify: Called with a line for what people should know.

    Attributes:
        utility: As above.
        run: The run of the procedure.

    Raises:
        ProcedureError: The procedure asks for what the utility does not have.
    """

    def __init__(
        self,
        procedure: Procedure,
        utility: Utility,
        *,
        clock: Callable[[], float],
        settings: RunSettings | None = None,
        notify: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.utility = utility
        self.run = Run(procedure, utility, clock=clock, settings=settings, notify=notify)
        self._clock = clock

    @property
    def settings(self) -> Settings:
        """Settings of the utility."""
        return self.utility.settings

    @property
    def profile(self) -> Profile:
        """The edition of the protocol that it speaks."""
        return self.utility.profile

    @property
    def log(self) -> Callable[[str], None] | None:
        """As that of the utility."""
        return self.utility.log

    def refuse(self, method: str, href: str, *, client: bytes, headers: Mapping[str, str]) -> Response | None:
        """Refuse nothing by its head: what a step waits for counts when the whole request has come."""
        return None

    def reject(self, method: str, href: str, error: RequestError) -> Response:
        """Return the response to a request that gets an error."""
        return self.utility.reject(method, href, error)

    def respond(
        self, method: str, href: str, *, client: bytes, headers: Mapping[str, str], content: bytes | None = None
    ) -> Response:
        """Process a request, as ``Utility.respond`` does, and show it to the run before and after."""
        if not client:
            return self.utility.respond(method, href, client=client, headers=headers, content=content)
        parts = urlsplit(href)
        exchange = Exchange(
            time=self._clock(),
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
            response = self.utility.reject(method, href, error)
        else:
            target = interventions.target(exchange.path)
            there = href if target == exchange.path else f"{target}?{parts.query}" if parts.query else target
            response = interventions.response_for(exchange) or self.utility.respond(
                method, there, client=client, headers=headers, content=content
            )
        exchange.status = response.status
        self.run.end(exchange)
        return response
