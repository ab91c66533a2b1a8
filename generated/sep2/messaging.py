"""Messaging: short texts from a service provider to the people at the premises, as timed events grouped into programs.

Generated from schema/sep/messaging.xsd by codegen.py; changes here are lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from envoy.bindings.enums import Code

from sep2.links import (
    ActiveTextMessageListLink,
    TextMessageListLink,
)
from sep2.resource import (
    Event,
    SubscribableIdentifiedObject,
    SubscribableList,
)
from sep2.types import PrimacyType


class PriorityType(Code):
    """How urgent a message is; it guides how a display presents it."""

    LOW = 0
    """Can wait."""
    NORMAL = 1
    """Ordinary message."""
    HIGH = 2
    """To be noticed soon."""
    CRITICAL = 3
    """Needs attention at once."""


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class MessagingProgram(SubscribableIdentifiedObject):
    """
    A source of text messages in one language, offered by the server.

    Clients that can show text follow the programs assigned to them.

    Attributes:
        active_text_message_list_link: The messages in force right now.
        locale: Language and region the messages of this program are written in.
        primacy: Priority against other messaging programs; the lower number wins.
        text_message_list_link: All messages of this program, future ones included.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    active_text_message_list_link: None | ActiveTextMessageListLink = field(
        default=None,
        metadata={
            "name": "ActiveTextMessageListLink",
            "type": "Element",
        },
    )
    locale: str = field(
        metadata={
            "type": "Element",
            "max_length": 42,
        }
    )
    primacy: PrimacyType = field(
        metadata={
            "type": "Element",
        }
    )
    text_message_list_link: None | TextMessageListLink = field(
        default=None,
        metadata={
            "name": "TextMessageListLink",
            "type": "Element",
        },
    )
    schema_ver: None | str = field(
        default=None,
        compare=False,
        metadata={
            "name": "schemaVer",
            "type": "Attribute",
            "pattern": r"[1-9][0-9]{0,2}[.]([0]|[1-9][0-9]{0,2})",
            "edition": "2023",
            "root": "true",
        },
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class TextMessage(Event):
    """
    A text to show to a person during the interval of the event.

    The server publishes it; the client may be asked to respond, for example when the reader confirms it.

    Attributes:
        originator: Who the message is from, in readable form.
        priority: How urgent the message is.
        text_message: The text to show. Its length is not bounded by the schema, so allow for long ones.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    originator: None | str = field(
        default=None,
        metadata={
            "type": "Element",
            "max_length": 20,
        },
    )
    priority: PriorityType = field(
        metadata={
            "type": "Element",
        }
    )
    text_message: str = field(
        metadata={
            "name": "textMessage",
            "type": "Element",
        }
    )
    schema_ver: None | str = field(
        default=None,
        compare=False,
        metadata={
            "name": "schemaVer",
            "type": "Attribute",
            "pattern": r"[1-9][0-9]{0,2}[.]([0]|[1-9][0-9]{0,2})",
            "edition": "2023",
            "root": "true",
        },
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class MessagingProgramList(SubscribableList):
    """
    The messaging programs this client may see on the server.

    Attributes:
        messaging_program: One source of messages.
        poll_rate: How often a client should fetch this list again when it has no subscription. Unit: s.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> MessagingProgram: ...

    messaging_program: list[MessagingProgram] = field(
        default_factory=list,
        metadata={
            "name": "MessagingProgram",
            "type": "Element",
        },
    )
    poll_rate: int = field(
        default=900,
        metadata={
            "name": "pollRate",
            "type": "Attribute",
        },
    )
    schema_ver: None | str = field(
        default=None,
        compare=False,
        metadata={
            "name": "schemaVer",
            "type": "Attribute",
            "pattern": r"[1-9][0-9]{0,2}[.]([0]|[1-9][0-9]{0,2})",
            "edition": "2023",
            "root": "true",
        },
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class TextMessageList(SubscribableList):
    """
    Text messages of one program, ordered by start time.

    Attributes:
        text_message: One message.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> TextMessage: ...

    text_message: list[TextMessage] = field(
        default_factory=list,
        metadata={
            "name": "TextMessage",
            "type": "Element",
        },
    )
    schema_ver: None | str = field(
        default=None,
        compare=False,
        metadata={
            "name": "schemaVer",
            "type": "Attribute",
            "pattern": r"[1-9][0-9]{0,2}[.]([0]|[1-9][0-9]{0,2})",
            "edition": "2023",
            "root": "true",
        },
    )
