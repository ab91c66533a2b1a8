"""What devices log, such as what a program says on its standard error, as lines on standard error."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import typer


class _DeviceLog(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        # Nobody may read it any more.
        with suppress(OSError):
            typer.echo(self.format(record), err=True)


@contextmanager
def show_device_log() -> Iterator[None]:
    """Write what devices log to standard error, in the context."""
    logger, handler = logging.getLogger("envoy.devices"), _DeviceLog(logging.INFO)
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.setLevel(level)
        logger.removeHandler(handler)
