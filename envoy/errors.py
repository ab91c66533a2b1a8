"""Exceptions of this package. Each says what happened, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from envoy._text import printable, shorten

LONGEST_LINE = 1000
"""Characters of a line, or of a place, that are shown of an error; a server or document may put any number into it."""


class EnvoyError(Exception):
    """Base of all errors that this package raises on purpose.

    Its text is safe to print: what a server or a document put into it cannot command a terminal, and no line of it is
    longer than LONGEST_LINE characters. The attributes are as they came.

    Attributes:
        what: What happened.
        where: The file, path in the document, or request; empty if there is no such place.
        remedy: What the reader can do; empty if nothing is known to help.
    """

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        self.what = what
        self.where = where
        self.remedy = remedy
        head = _shown(what)
        if where:
            head = f"{shorten(printable(where), LONGEST_LINE)}: {head}"
        super().__init__(f"{head}\n  {_shown(remedy)}" if remedy else head)

    @property
    def problem(self) -> str:
        """What happened and what to do, in one line."""
        return f"{self.what}. {self.remedy}" if self.remedy else self.what

    def __reduce__(self) -> tuple[Any, ...]:
        # An exception is made again from its text by default, which none of these takes; process pools need it.
        return _restored, (type(self), self.args, self.__dict__)


def _shown(text: str) -> str:
    return "\n".join(shorten(line, LONGEST_LINE) for line in printable(text, lines=True).split("\n"))


def _restored(cls: type[EnvoyError], args: tuple[Any, ...], state: dict[str, Any]) -> EnvoyError:
    error = cls.__new__(cls, *args)
    error.__dict__.update(state)
    return error


class OperationError(EnvoyError):
    """An operation that failed, though what was given could be used.

    The server, the network, a device or another program did not do its part. Errors of other classes are about what was
    given: an argument, an option or a file.
    """


class ProfileError(EnvoyError):
    """A profile of that name does not exist, or cannot express what was asked of it."""


class IdentityError(EnvoyError):
    """An LFDI, SFDI, PIN or certificate that is not valid."""


class QuantityError(EnvoyError, ValueError):
    """A number that the quantity's value and multiplier cannot hold."""


class SiteError(EnvoyError):
    """A site description that cannot be used. Its text may name several errors, one per line."""


class SchemaError(EnvoyError):
    """An XSD that cannot be used: it cannot be read, is not valid, or says what the typed models cannot express."""


class DocumentError(EnvoyError):
    """Bytes that are not an XML document, or one that this package refuses to read.

    Attributes:
        line: Line in the document, from 1; 0 if it is about the whole document.
    """

    def __init__(self, what: str, *, where: str = "", remedy: str = "", line: int = 0) -> None:
        self.line = line
        super().__init__(what, where=where, remedy=remedy)


class DecodeError(DocumentError):
    """A well-formed document whose content does not fit the typed model.

    Attributes:
        path: Where in the document, such as ``DERControlList/DERControl[3]/interval/start``.
        line: Line in the document, from 1.
    """

    def __init__(self, what: str, *, path: str, line: int, remedy: str = "") -> None:
        self.path = path
        super().__init__(what, where=f"{path} (line {line})", remedy=remedy, line=line)


class EncodeError(EnvoyError):
    """An object that the profile cannot express."""


class TransportError(OperationError):
    """There is no response: the server was not reached, TLS failed, or the connection broke.

    Attributes:
        maybe_received: The request may have reached the server before the connection broke.
        transient: The same request may have a response a little later: the network failed, and nothing was refused.
    """

    def __init__(
        self, what: str, *, where: str = "", remedy: str = "", maybe_received: bool = False, transient: bool = False
    ) -> None:
        self.maybe_received = maybe_received
        self.transient = transient
        super().__init__(what, where=where, remedy=remedy)


class LinkError(TransportError):
    """A link or redirect that is not followed: it leads to another host, to where there is no TLS, or is not a URL."""


class DiscoveryError(OperationError):
    """No server of the local network that is the one to use, or no way to search for one."""


class ResponseError(OperationError):
    """The server responded with an error status or an unexpected body.

    Attributes:
        status: HTTP status code.
        reason_code: ``reasonCode`` of the Error body, if there was one (IEEE 2030.5-2018, 10.2.3).
        max_retry_duration: Seconds that the Error body asks to wait, if it does.
    """

    def __init__(
        self,
        what: str,
        *,
        status: int,
        where: str = "",
        remedy: str = "",
        reason_code: int | None = None,
        max_retry_duration: int | None = None,
    ) -> None:
        self.status = status
        self.reason_code = reason_code
        self.max_retry_duration = max_retry_duration
        super().__init__(what, where=where, remedy=remedy)


class PINError(ResponseError):
    """A server's Registration that has another PIN than the site: it may not be the server to use."""


class ReadingsError(EnvoyError):
    """Readings, or the description of a mirror, that cannot be used.

    Attributes:
        errors: Each error, with its line or place.
    """

    def __init__(self, what: str, *, errors: Sequence[str] = (), where: str = "", remedy: str = "") -> None:
        self.errors = list(errors) or [what]
        super().__init__(what, where=where, remedy=remedy)


class SpoolError(EnvoyError):
    """A spool that cannot be used: it is not a spool, another program posts from it, or the disk is full."""


class SpoolFullError(SpoolError, OperationError):
    """A spool that has no room for further readings; none of those given were stored."""


class StateError(EnvoyError):
    """A state that cannot be used: it is not one, is damaged, in use, or of another device, or the disk is full."""


class FleetError(EnvoyError):
    """A fleet with rows that cannot be registered. Nothing was sent.

    Rows with the same error are summed up in the message.

    Attributes:
        rows: The error of each bad row, with its place, as far as they are kept.
        bad: How many rows are bad, which may be more.
    """

    shown = 20
    """Different errors that the message has."""

    def __init__(self, rows: Sequence[EnvoyError], count: int, *, where: str, bad: int | None = None) -> None:
        self.rows = list(rows)
        self.bad = len(self.rows) if bad is None else bad
        alike: dict[tuple[str, str], list[EnvoyError]] = {}
        for row in self.rows:
            alike.setdefault((row.what, row.remedy), []).append(row)
        lines = [f"{self.bad} of {count} rows cannot be registered; nothing was sent"]
        said = 0
        for same in list(alike.values())[: self.shown]:
            lines.append(str(same[0]))
            if len(same) > 1:
                lines.append(f"  The same in {len(same) - 1} more, such as {same[1].where}.")
            said += len(same)
        if said < self.bad:
            lines.append(f"... and {self.bad - said} more rows")
        super().__init__("\n".join(lines), where=where)


class JournalError(EnvoyError):
    """A journal of a fleet that cannot be used: it is damaged, in use, or of another server."""


class DestinationError(EnvoyError):
    """A report or file that cannot be written."""


class BaselineError(EnvoyError):
    """A baseline file that cannot be read or written, or is not a baseline."""


class ConfigurationError(EnvoyError):
    """A configuration file that cannot be read, or has a key or value that is not one; or there are several files."""


class RemoteError(EnvoyError):
    """A store that cannot be reached, or does not have what is asked for."""


class ProcedureError(EnvoyError):
    """A procedure or scenario that cannot be run: it is not one, or asks for what this utility does not have.

    Attributes:
        line: Line in the file, from 1; 0 if it is about the whole file.
    """

    def __init__(self, what: str, *, where: str = "", remedy: str = "", line: int = 0) -> None:
        self.line = line
        super().__init__(what, where=where, remedy=remedy)


class WorkerError(OperationError):
    """Worker processes that cannot be started."""


class ClusterError(OperationError):
    """A Dask cluster that cannot be reached, cannot validate, or is gone."""


class DeviceError(OperationError):
    """A device that cannot be reached, or does not do what it is asked to. It is asked again later."""


class DeviceRefusal(DeviceError):  # noqa: N818  (it says that no retry helps)
    """A device that does not take some modes, and never will.

    Attributes:
        modes: Names of the modes, such as ``opModFixedVar``.
    """

    def __init__(self, what: str, *, modes: Iterable[str], where: str = "", remedy: str = "") -> None:
        self.modes = frozenset(modes)
        super().__init__(what, where=where, remedy=remedy)
