"""The mirrors that a site is given if nothing else is said: what CSIP-AUS wants monitored."""

from __future__ import annotations

from envoy.der.report.settings import has_storage
from envoy.errors import ReadingsError
from envoy.identity import format_lfdi
from envoy.metering.mirror import Mirror, csip_aus_der, csip_aus_site
from envoy.profiles import Profile
from envoy.registration.site import Site

_PEN_DIGITS = 8


def default_mirrors(site: Site, profile: Profile, pen: int | None = None) -> list[Mirror]:
    """Return the mirrors of a site: one of its connection point, and one of its DER if it has any.

    Each reading covers the time between two posts, which the server may change, so the channels have no
    ``intervalLength``. The energy that a storage has left is in CSIP-AUS 1.3 alone.

    Args:
        site: The site.
        profile: The profile that the server speaks.
        pen: PEN of who makes the mRIDs; None for the one that the LFDI ends in, or else that of the maker (``mfID``).

    Raises:
        ReadingsError: There is no PEN.
    """
    pen = _find_pen(site) if pen is None else pen
    mirrors = [csip_aus_site(site.lfdi, pen, interval=None)]
    if site.ders:
        storage = profile.csip_aus_1_3 and any(has_storage(der.capability) for der in site.ders)
        mirrors.append(csip_aus_der(site.lfdi, pen, interval=None, storage=storage))
    return mirrors


def _find_pen(site: Site) -> int:
    digits = format_lfdi(site.lfdi)[-_PEN_DIGITS:]
    # The digits of a fingerprint may be decimal ones by chance; no PEN has more than six.
    if digits.isdecimal() and digits.startswith("00") and int(digits):
        return int(digits)
    if site.device_information is not None and site.device_information.mf_id:
        return site.device_information.mf_id
    raise ReadingsError(
        f"the LFDI ends in {digits}, which is not a Private Enterprise Number in decimal digits",
        remedy="Give the mf_id in the device_information of the site, or describe the mirrors in files.",
    )
