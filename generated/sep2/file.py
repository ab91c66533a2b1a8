"""File download: a server offers software images and other files, a device loads and activates them and reports how far it
got.

Generated from schema/sep/file.xsd by codegen.py; changes here are lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from envoy.bindings.enums import Code

from sep2.links import FileLink
from sep2.resource import (
    List,
    Resource,
)


class FileLoadStatus(Code):
    """Codes of FileStatus.status. The present state of loading and activation."""

    NO_LOAD_OPERATION_IN_PROGRESS = 0
    """Nothing is being loaded."""
    LOAD_IN_PROGRESS = 1
    """The file is being loaded."""
    LOAD_FAILED = 2
    """Loading did not succeed."""
    LOADED_SUCCESSFULLY = 3
    """The whole file is there."""
    SIGNATURE_VERIFICATION_FAILED = 4
    """The signature of the file is wrong."""
    SIGNATURE_VERIFIED_WAITING_TO_ACTIVATE = 5
    """The signature is good, the time of activation is still to come."""
    ACTIVATION_FAILED = 6
    """The file could not be put into use."""
    ACTIVATION_IN_PROGRESS = 7
    """The file is being put into use."""
    ACTIVATED_SUCCESSFULLY = 8
    """The file is in use."""


class FileType(Code, octets=2):
    """Codes of File.type. What kind of file it is."""

    SOFTWARE_IMAGE = 0
    """Software or firmware."""
    SECURITY_CREDENTIAL = 1
    """Certificate or other credential."""
    CONFIGURATION = 2
    """Configuration data."""
    LOG = 3
    """Log data."""


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class File(Resource):
    """
    A file on offer, with the facts by which a device decides whether it is meant for it.

    Written by the server.

    Attributes:
        activate_time: When the device is to put the file into use. Absent: the server has not said yet, so load
            it and look again later.
        file_uri: Where the content of the file is loaded from.
        lfdi: The one device the file is for; absent when it is for all that match.
        mf_hw_ver: Hardware version that the file is for; absent means any.
        mf_id: IANA Private Enterprise Number of the maker of the devices that the file is for.
        mf_model: Model that the file is for.
        mf_ser_num: Serial number that the file is for; absent means any.
        mf_ver: Version of the file, as its maker numbers it.
        size: Size of the file. Unit: byte.
        type: What kind of file it is.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    activate_time: None | int = field(
        default=None,
        metadata={
            "name": "activateTime",
            "type": "Element",
        },
    )
    file_uri: str = field(
        metadata={
            "name": "fileURI",
            "type": "Element",
            "white_space": "collapse",
        }
    )
    lfdi: None | bytes = field(
        default=None,
        metadata={
            "name": "lFDI",
            "type": "Element",
            "max_length": 20,
            "format": "base16",
        },
    )
    mf_hw_ver: None | str = field(
        default=None,
        metadata={
            "name": "mfHwVer",
            "type": "Element",
            "max_length": 32,
        },
    )
    mf_id: int = field(
        metadata={
            "name": "mfID",
            "type": "Element",
        }
    )
    mf_model: str = field(
        metadata={
            "name": "mfModel",
            "type": "Element",
            "max_length": 32,
        }
    )
    mf_ser_num: None | str = field(
        default=None,
        metadata={
            "name": "mfSerNum",
            "type": "Element",
            "max_length": 32,
        },
    )
    mf_ver: str = field(
        metadata={
            "name": "mfVer",
            "type": "Element",
            "max_length": 16,
        }
    )
    size: int = field(
        metadata={
            "type": "Element",
        }
    )
    type: FileType = field(
        metadata={
            "type": "Element",
            "format": "base16",
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
class FileStatus(Resource):
    """
    How far a device got with loading and activating a file.

    Written by the device, or PUT by it to the FileStatusLink of its EndDevice.

    Attributes:
        activate_time: When the file is to be activated, as the File said it.
        file_link: Link to the file that this is about.
        load_percent: How much of the file has been loaded. Unit: %.
        next_request_attempt: When the device will next ask the server for a part of the file.
        request_503_count: How many requests of this load got a 503 (server busy).
        request_fail_count: How many requests of this load failed for any other reason than 503.
        status: The present state of loading and activation.
        status_time: When the status last changed.
        poll_rate: How often a client should fetch this resource again; 900 when absent. Unit: s.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    activate_time: None | int = field(
        default=None,
        metadata={
            "name": "activateTime",
            "type": "Element",
        },
    )
    file_link: None | FileLink = field(
        default=None,
        metadata={
            "name": "FileLink",
            "type": "Element",
        },
    )
    load_percent: int = field(
        metadata={
            "name": "loadPercent",
            "type": "Element",
        }
    )
    next_request_attempt: int = field(
        metadata={
            "name": "nextRequestAttempt",
            "type": "Element",
        }
    )
    request_503_count: int = field(
        metadata={
            "name": "request503Count",
            "type": "Element",
        }
    )
    request_fail_count: int = field(
        metadata={
            "name": "requestFailCount",
            "type": "Element",
        }
    )
    status: FileLoadStatus = field(
        metadata={
            "type": "Element",
        }
    )
    status_time: int = field(
        metadata={
            "name": "statusTime",
            "type": "Element",
        }
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
class FileList(List):
    """
    The files that a server offers.

    A device looks through it with query parameters for its maker and model.

    Attributes:
        file: One file on offer.
        poll_rate: How often a client should fetch this list again; 900 when absent. Unit: s.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> File: ...

    file: list[File] = field(
        default_factory=list,
        metadata={
            "name": "File",
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
