"""Documents as they come to a command: files, folders, standard input, archives, captures. None is held longer than it
is judged.

Finding and reading are apart, so that what is found can be handed to another process, which reads and judges it.
"""

from __future__ import annotations

from envoy.checker.sources.document import Exchange as Exchange
from envoy.checker.sources.document import Input as Input
from envoy.checker.sources.file_types import INCLUDE as INCLUDE
from envoy.checker.sources.files import STDIN as STDIN
from envoy.checker.sources.files import Source as Source
from envoy.checker.sources.files import documents as documents
from envoy.checker.sources.files import sources as sources
