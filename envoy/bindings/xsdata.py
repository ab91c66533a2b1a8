"""Converters with which xsdata's own parser and serializer work on the generated classes."""

from __future__ import annotations

from binascii import unhexlify
from functools import cache
from typing import Any

from envoy.bindings.enums import Bitmap, Code


@cache
def register() -> None:
    """Register converters of code lists and bitmaps with xsdata; calling it again changes nothing.

    From then on xsdata's ``XmlParser`` and ``XmlSerializer`` work on the classes of ``sep2``: hexBinary codes and
    bitmaps are written at full width, reserved codes and bits are kept. xsdata knows one namespace for each element, so
    it reads and writes the CSIP-AUS elements in that of CSIP-AUS 1.3 alone.

    Raises:
        ImportError: xsdata is not installed; ``pip install "envoy-client[codegen]"`` brings it.
    """
    from xsdata.exceptions import ConverterError
    from xsdata.formats.converter import Converter, converter
    from xsdata.formats.dataclass.serializers.mixins import EventGenerator

    class OpenEnumConverter(Converter):
        def deserialize(self, value: Any, **kwargs: Any) -> Code | Bitmap:
            kind: type[Code | Bitmap] = kwargs["data_type"]
            try:
                return kind(int.from_bytes(unhexlify(value.strip())) if kind._octets_ else int(value))
            except ValueError as error:
                raise ConverterError(str(error)) from None

        def serialize(self, value: Code | Bitmap, **kwargs: Any) -> str:
            return value.to_bytes(value._octets_).hex().upper() if value._octets_ else str(int(value))

    for base in (Code, Bitmap):
        converter.register_converter(base, OpenEnumConverter())

    # The serializer would take the number out of an enumeration member first, and the width is lost with the member.
    encode_other = EventGenerator.encode_primitive

    def encode_primitive(value: Any, var: Any) -> Any:
        return converter.serialize(value) if isinstance(value, (Code, Bitmap)) else encode_other(value, var)

    EventGenerator.encode_primitive = staticmethod(encode_primitive)  # type: ignore[method-assign]
