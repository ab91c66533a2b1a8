"""Documents as they come to a command: files, folders, standard input, archives, captures. None is held longer than it
is judged.

Finding and reading are apart, so that what is found can be handed to another process, which reads and judges it.
"""

from __future__ import annotations

from envoy.inputs.document import Exchange as Exchange
from envoy.inputs.document import Input as Input
from envoy.inputs.files import STDIN as STDIN
from envoy.inputs.files import Source as Source
from envoy.inputs.files import documents as documents
from envoy.inputs.files import sources as sources
from envoy.inputs.kinds import INCLUDE as INCLUDE
