"""Network status: the interfaces, addresses, link layers and mesh routing of a device, with counters for finding faults.

Generated from schema/sep/network_status.xsd by codegen.py; changes here are lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from envoy.bindings.base import ComplexType
from envoy.bindings.enums import Code

from sep2.links import (
    IPAddrListLink,
    LLInterfaceListLink,
    NeighborListLink,
    RPLInstanceListLink,
    RPLSourceRoutesListLink,
)
from sep2.resource import (
    List,
    Resource,
)


class LinkLayerType(Code):
    """Codes of LLInterface.link_layer_type. The technology of the link."""

    UNSPECIFIED = 0
    """Not stated."""
    IEEE_802_3_ETHERNET = 1
    """Wired Ethernet."""
    IEEE_802_11_WLAN = 2
    """Wireless LAN."""
    IEEE_802_15_PAN = 3
    """Personal area network radio."""
    IEEE_1901_PLC = 4
    """Power line communication."""


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class loWPAN(ComplexType):
    """
    Counters of the 6LoWPAN layer, which carries IPv6 over small radio frames.

    Written by the device.

    Attributes:
        octets_rx: Bytes received. Unit: byte.
        octets_tx: Bytes sent. Unit: byte.
        packets_rx: Packets received.
        packets_tx: Packets sent.
        rx_frag_error: Packets that could not be put together again from their fragments.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    octets_rx: None | int = field(
        default=None,
        metadata={
            "name": "octetsRx",
            "type": "Element",
        },
    )
    octets_tx: None | int = field(
        default=None,
        metadata={
            "name": "octetsTx",
            "type": "Element",
        },
    )
    packets_rx: int = field(
        metadata={
            "name": "packetsRx",
            "type": "Element",
        }
    )
    packets_tx: int = field(
        metadata={
            "name": "packetsTx",
            "type": "Element",
        }
    )
    rx_frag_error: int = field(
        metadata={
            "name": "rxFragError",
            "type": "Element",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class IEEE_802_15_4(ComplexType):
    """
    Facts about an IEEE 802.15.4 radio link.

    Written by the device.

    Attributes:
        capability_info: The MAC capability information byte that the device sent when it joined the network.
        neighbor_list_link: Link to the neighbours that the radio hears.
        short_address: The 16-bit address of the device in its radio network.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    capability_info: bytes = field(
        metadata={
            "name": "capabilityInfo",
            "type": "Element",
            "max_length": 1,
            "format": "base16",
        }
    )
    neighbor_list_link: None | NeighborListLink = field(
        default=None,
        metadata={
            "name": "NeighborListLink",
            "type": "Element",
        },
    )
    short_address: int = field(
        metadata={
            "name": "shortAddress",
            "type": "Element",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class IPAddr(Resource):
    """
    One IPv6 address of an interface.

    Attributes:
        address: The address, 16 bytes in hexadecimal.
        rpl_instance_list_link: Link to the RPL routing instances that use this address.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    address: bytes = field(
        metadata={
            "type": "Element",
            "max_length": 16,
            "format": "base16",
        }
    )
    rpl_instance_list_link: None | RPLInstanceListLink = field(
        default=None,
        metadata={
            "name": "RPLInstanceListLink",
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
class IPInterface(Resource):
    """
    One network interface of the device with its traffic counters.

    The names and meanings follow the interfaces MIB (RFC 2863). Written by the device.

    Attributes:
        if_descr: Description of the interface in words.
        if_high_speed: Speed of the interface, for links too fast for ifSpeed. Unit: Mbit/s.
        if_in_broadcast_pkts: Broadcast packets received.
        if_index: Number of the interface within the device.
        if_in_discards: Received packets that were dropped although they were sound, for example for lack of
            buffer space.
        if_in_errors: Received packets that were dropped because they were damaged.
        if_in_multicast_pkts: Multicast packets received.
        if_in_octets: Bytes received, framing included. Unit: byte.
        if_in_ucast_pkts: Unicast packets received.
        if_in_unknown_protos: Received packets that were dropped because nobody here speaks their protocol.
        if_mtu: Largest packet that fits through the interface. Unit: byte.
        if_name: Short name of the interface, such as eth0.
        if_oper_status: State as numbered in RFC 2863: 1 up, 2 down, 3 testing, 4 unknown, 5 dormant, 6 not
            present, 7 lower layer down.
        if_out_broadcast_pkts: Broadcast packets that were to be sent.
        if_out_discards: Packets to be sent that were dropped although they were sound.
        if_out_errors: Packets that could not be sent because of errors.
        if_out_multicast_pkts: Multicast packets that were to be sent.
        if_out_octets: Bytes sent, framing included. Unit: byte.
        if_out_ucast_pkts: Unicast packets that were to be sent.
        if_promiscuous_mode: True when the interface takes in all traffic, not only its own.
        if_speed: Speed of the interface; beyond the 32-bit range see ifHighSpeed. Unit: bit/s.
        if_type: Kind of interface, as numbered by IANA (6 Ethernet, 71 wireless LAN).
        ip_addr_list_link: Link to the addresses of the interface.
        last_reset_time: When the counters were last set to zero, in UTC. Unit: s since 1970.
        last_updated_time: When the counters were last brought up to date, in UTC. Unit: s since 1970.
        ll_interface_list_link: Link to the link layers beneath the interface.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if_descr: None | str = field(
        default=None,
        metadata={
            "name": "ifDescr",
            "type": "Element",
            "max_length": 192,
        },
    )
    if_high_speed: None | int = field(
        default=None,
        metadata={
            "name": "ifHighSpeed",
            "type": "Element",
        },
    )
    if_in_broadcast_pkts: None | int = field(
        default=None,
        metadata={
            "name": "ifInBroadcastPkts",
            "type": "Element",
        },
    )
    if_index: None | int = field(
        default=None,
        metadata={
            "name": "ifIndex",
            "type": "Element",
        },
    )
    if_in_discards: None | int = field(
        default=None,
        metadata={
            "name": "ifInDiscards",
            "type": "Element",
        },
    )
    if_in_errors: None | int = field(
        default=None,
        metadata={
            "name": "ifInErrors",
            "type": "Element",
        },
    )
    if_in_multicast_pkts: None | int = field(
        default=None,
        metadata={
            "name": "ifInMulticastPkts",
            "type": "Element",
        },
    )
    if_in_octets: None | int = field(
        default=None,
        metadata={
            "name": "ifInOctets",
            "type": "Element",
        },
    )
    if_in_ucast_pkts: None | int = field(
        default=None,
        metadata={
            "name": "ifInUcastPkts",
            "type": "Element",
        },
    )
    if_in_unknown_protos: None | int = field(
        default=None,
        metadata={
            "name": "ifInUnknownProtos",
            "type": "Element",
        },
    )
    if_mtu: None | int = field(
        default=None,
        metadata={
            "name": "ifMtu",
            "type": "Element",
        },
    )
    if_name: None | str = field(
        default=None,
        metadata={
            "name": "ifName",
            "type": "Element",
            "max_length": 16,
        },
    )
    if_oper_status: None | int = field(
        default=None,
        metadata={
            "name": "ifOperStatus",
            "type": "Element",
        },
    )
    if_out_broadcast_pkts: None | int = field(
        default=None,
        metadata={
            "name": "ifOutBroadcastPkts",
            "type": "Element",
        },
    )
    if_out_discards: None | int = field(
        default=None,
        metadata={
            "name": "ifOutDiscards",
            "type": "Element",
        },
    )
    if_out_errors: None | int = field(
        default=None,
        metadata={
            "name": "ifOutErrors",
            "type": "Element",
        },
    )
    if_out_multicast_pkts: None | int = field(
        default=None,
        metadata={
            "name": "ifOutMulticastPkts",
            "type": "Element",
        },
    )
    if_out_octets: None | int = field(
        default=None,
        metadata={
            "name": "ifOutOctets",
            "type": "Element",
        },
    )
    if_out_ucast_pkts: None | int = field(
        default=None,
        metadata={
            "name": "ifOutUcastPkts",
            "type": "Element",
        },
    )
    if_promiscuous_mode: None | bool = field(
        default=None,
        metadata={
            "name": "ifPromiscuousMode",
            "type": "Element",
        },
    )
    if_speed: None | int = field(
        default=None,
        metadata={
            "name": "ifSpeed",
            "type": "Element",
        },
    )
    if_type: None | int = field(
        default=None,
        metadata={
            "name": "ifType",
            "type": "Element",
        },
    )
    ip_addr_list_link: None | IPAddrListLink = field(
        default=None,
        metadata={
            "name": "IPAddrListLink",
            "type": "Element",
        },
    )
    last_reset_time: None | int = field(
        default=None,
        metadata={
            "name": "lastResetTime",
            "type": "Element",
        },
    )
    last_updated_time: None | int = field(
        default=None,
        metadata={
            "name": "lastUpdatedTime",
            "type": "Element",
        },
    )
    ll_interface_list_link: None | LLInterfaceListLink = field(
        default=None,
        metadata={
            "name": "LLInterfaceListLink",
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
class Neighbor(Resource):
    """
    Another radio node that the device hears directly.

    Attributes:
        is_child: True when the neighbour is a child of this device in the network.
        link_quality: How well the neighbour is heard, as the radio rates it; higher is better.
        short_address: The 16-bit radio address of the neighbour.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    is_child: bool = field(
        metadata={
            "name": "isChild",
            "type": "Element",
        }
    )
    link_quality: int = field(
        metadata={
            "name": "linkQuality",
            "type": "Element",
        }
    )
    short_address: int = field(
        metadata={
            "name": "shortAddress",
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
class RPLInstance(Resource):
    """
    The device's place in one RPL mesh routing instance.

    The terms are those of RFC 6550. Written by the device.

    Attributes:
        dodag_id: Identifies the routing graph (DODAG) that the device belongs to.
        dodag_root: True when the device is the root of the graph.
        flags: The flags byte of the RPL messages.
        grounded_flag: True when the graph leads to the outside goal (grounded), false when it floats.
        mop: Mode of operation of the instance: how downward routes are kept.
        prf: Preference of this graph's root over other roots; higher is preferred.
        rank: How far the device is from the root; a smaller rank is nearer.
        rpl_instance_id: Number of the routing instance.
        rpl_source_routes_list_link: Link to the source routes that the root knows.
        version_number: Version of the graph, raised by the root each time it rebuilds it.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    dodag_id: int = field(
        metadata={
            "name": "DODAGid",
            "type": "Element",
        }
    )
    dodag_root: bool = field(
        metadata={
            "name": "DODAGroot",
            "type": "Element",
        }
    )
    flags: int = field(
        metadata={
            "type": "Element",
        }
    )
    grounded_flag: bool = field(
        metadata={
            "name": "groundedFlag",
            "type": "Element",
        }
    )
    mop: int = field(
        metadata={
            "name": "MOP",
            "type": "Element",
        }
    )
    prf: int = field(
        metadata={
            "name": "PRF",
            "type": "Element",
        }
    )
    rank: int = field(
        metadata={
            "type": "Element",
        }
    )
    rpl_instance_id: int = field(
        metadata={
            "name": "RPLInstanceID",
            "type": "Element",
        }
    )
    rpl_source_routes_list_link: None | RPLSourceRoutesListLink = field(
        default=None,
        metadata={
            "name": "RPLSourceRoutesListLink",
            "type": "Element",
        },
    )
    version_number: int = field(
        metadata={
            "name": "versionNumber",
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
class RPLSourceRoutes(Resource):
    """
    One source route: how a packet gets to a node of the mesh.

    Attributes:
        dest_address: IPv6 address of the node to reach.
        source_route: IPv6 address on the way to that node.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    dest_address: bytes = field(
        metadata={
            "name": "DestAddress",
            "type": "Element",
            "max_length": 16,
            "format": "base16",
        }
    )
    source_route: bytes = field(
        metadata={
            "name": "SourceRoute",
            "type": "Element",
            "max_length": 16,
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
class IPAddrList(List):
    """
    The IP addresses of one interface.

    Attributes:
        ip_addr: One address.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> IPAddr: ...

    ip_addr: list[IPAddr] = field(
        default_factory=list,
        metadata={
            "name": "IPAddr",
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
class IPInterfaceList(List):
    """
    The network interfaces of the device.

    Attributes:
        ip_interface: One network interface.
        poll_rate: How often a client should fetch this list again; 900 when absent. Unit: s.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> IPInterface: ...

    ip_interface: list[IPInterface] = field(
        default_factory=list,
        metadata={
            "name": "IPInterface",
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
class LLInterface(Resource):
    """
    One link layer interface beneath an IP interface, with its counters.

    Written by the device.

    Attributes:
        crc_errors: Received frames whose checksum was wrong.
        eui64: The 64-bit hardware address of the interface.
        ieee_802_15_4: More about the link if it is an IEEE 802.15.4 radio.
        link_layer_type: The technology of the link.
        ll_ack_not_rx: Frames sent for which no acknowledgement came.
        ll_csma_fail: Frames not sent because the channel never became free (CSMA gave up).
        ll_frames_drop_rx: Received frames that were dropped.
        ll_frames_drop_tx: Frames to be sent that were dropped.
        ll_frames_rx: Frames received.
        ll_frames_tx: Frames sent.
        ll_media_access_fail: Times that access to the medium failed.
        ll_octets_rx: Bytes received. Unit: byte.
        ll_octets_tx: Bytes sent. Unit: byte.
        ll_retry_count: Times that a frame was sent again.
        ll_security_error_rx: Received frames that failed the link layer security check.
        lowpan: Counters of the 6LoWPAN layer, if the link uses it.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    crc_errors: int = field(
        metadata={
            "name": "CRCerrors",
            "type": "Element",
        }
    )
    eui64: bytes = field(
        metadata={
            "name": "EUI64",
            "type": "Element",
            "max_length": 8,
            "format": "base16",
        }
    )
    ieee_802_15_4: None | IEEE_802_15_4 = field(
        default=None,
        metadata={
            "name": "IEEE_802_15_4",
            "type": "Element",
        },
    )
    link_layer_type: LinkLayerType = field(
        metadata={
            "name": "linkLayerType",
            "type": "Element",
        }
    )
    ll_ack_not_rx: None | int = field(
        default=None,
        metadata={
            "name": "LLAckNotRx",
            "type": "Element",
        },
    )
    ll_csma_fail: None | int = field(
        default=None,
        metadata={
            "name": "LLCSMAFail",
            "type": "Element",
        },
    )
    ll_frames_drop_rx: None | int = field(
        default=None,
        metadata={
            "name": "LLFramesDropRx",
            "type": "Element",
        },
    )
    ll_frames_drop_tx: None | int = field(
        default=None,
        metadata={
            "name": "LLFramesDropTx",
            "type": "Element",
        },
    )
    ll_frames_rx: None | int = field(
        default=None,
        metadata={
            "name": "LLFramesRx",
            "type": "Element",
        },
    )
    ll_frames_tx: None | int = field(
        default=None,
        metadata={
            "name": "LLFramesTx",
            "type": "Element",
        },
    )
    ll_media_access_fail: None | int = field(
        default=None,
        metadata={
            "name": "LLMediaAccessFail",
            "type": "Element",
        },
    )
    ll_octets_rx: None | int = field(
        default=None,
        metadata={
            "name": "LLOctetsRx",
            "type": "Element",
        },
    )
    ll_octets_tx: None | int = field(
        default=None,
        metadata={
            "name": "LLOctetsTx",
            "type": "Element",
        },
    )
    ll_retry_count: None | int = field(
        default=None,
        metadata={
            "name": "LLRetryCount",
            "type": "Element",
        },
    )
    ll_security_error_rx: None | int = field(
        default=None,
        metadata={
            "name": "LLSecurityErrorRx",
            "type": "Element",
        },
    )
    lowpan: None | loWPAN = field(
        default=None,
        metadata={
            "name": "loWPAN",
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
class NeighborList(List):
    """
    The radio neighbours of the device.

    Attributes:
        neighbor: One neighbour.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> Neighbor: ...

    neighbor: list[Neighbor] = field(
        default_factory=list,
        metadata={
            "name": "Neighbor",
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
class RPLInstanceList(List):
    """
    The RPL routing instances that use one address.

    Attributes:
        rpl_instance: One routing instance.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> RPLInstance: ...

    rpl_instance: list[RPLInstance] = field(
        default_factory=list,
        metadata={
            "name": "RPLInstance",
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
class RPLSourceRoutesList(List):
    """
    The source routes of one RPL instance.

    Attributes:
        rpl_source_routes: One source route.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> RPLSourceRoutes: ...

    rpl_source_routes: list[RPLSourceRoutes] = field(
        default_factory=list,
        metadata={
            "name": "RPLSourceRoutes",
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
class LLInterfaceList(List):
    """
    The link layers beneath one IP interface.

    Attributes:
        ll_interface: One link layer interface.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> LLInterface: ...

    ll_interface: list[LLInterface] = field(
        default_factory=list,
        metadata={
            "name": "LLInterface",
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
