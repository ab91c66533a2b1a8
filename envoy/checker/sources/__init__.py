"""Sources of documents: files, folders, standard input, archives, captures, remote stores.

Finding and reading are apart, so that another process can read and check what was found. No document is held longer
than it is checked.
"""

from __future__ import annotations

from envoy.checker.sources.document import Document as Document
from envoy.checker.sources.document import Exchange as Exchange
from envoy.checker.sources.files import STDIN as STDIN
from envoy.checker.sources.files import FileSource as FileSource
from envoy.checker.sources.files import find_sources as find_sources
from envoy.checker.sources.patterns import INCLUDE as INCLUDE
from envoy.checker.sources.patterns import Project as Project
