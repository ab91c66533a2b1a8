"""The five requests of the seed document, by envoy-client 0.1.1 itself: ``python old_client.py URL SITES``.

Run by a Python that has that package, and pydantic 1, which it was written for. Prints the seconds that it took.
"""

import logging
import sys
import time

from envoy_client.auth import LocalModeXTokenAuth
from envoy_client.client import AggregatorClient, trailing_resource_id_from_response
from envoy_client.models import (
    DER,
    ConnectionPoint,
    DERCapability,
    DERType,
    DeviceCategoryType,
    DeviceInformation,
    EndDevice,
)
from envoy_client.transport import RequestsTransport

logging.disable(logging.CRITICAL)
url, count = sys.argv[1], int(sys.argv[2])
lfdi = "0x21352135135"
client = AggregatorClient(transport=RequestsTransport(url, auth=LocalModeXTokenAuth(lfdi)), lfdi=lfdi)
started = time.perf_counter()
for _ in range(count):
    device = EndDevice(lfdi="0x0001111000011f", device_category=DeviceCategoryType.combined_pv_and_storage)
    number = trailing_resource_id_from_response(client.create_end_device(device))
    client.create_device_information(DeviceInformation(lfdi="0x0001111000011f", mf_id=1234567), number)
    capability = DERCapability(type=DERType.combined_pv_storage, rtg_max_w={"value": 5000, "multiplier": 0})
    der = trailing_resource_id_from_response(client.create_der(DER(der_capability=capability), number))
    client.create_der_capability(capability, number, der)
    client.create_connection_point(ConnectionPoint(meter_id="NMI123"), number)
print(time.perf_counter() - started)
