"""From which network address a request comes. The one place that knows it.

Behind proxies the connection is the nearest proxy's. Each proxy adds the address that it saw at the end of
X-Forwarded-For; whatever a visitor wrote stands before. So we count from the end, one for each proxy that is ours."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest

# Whoever has one address of IPv6 has the whole /64, and can use another for each try.
IPV6_PREFIX = 64


def address_of(request: HttpRequest) -> str:
    """The address that the outermost of our TRUSTED_PROXY_COUNT proxies saw; without any, that of the connection.

    What a visitor claims changes nothing. Empty where there is none, as on a Unix socket."""
    direct = request.META.get("REMOTE_ADDR", "")
    seen = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    trusted = seen[-settings.TRUSTED_PROXY_COUNT :] if settings.TRUSTED_PROXY_COUNT else []
    found = _parsed(trusted[0]) if trusted else None
    return str(found) if found else direct


def network_of(request: HttpRequest) -> str:
    """What counts as one place: an address of IPv4, a /64 of IPv6."""
    address = _parsed(address_of(request))
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, IPV6_PREFIX), strict=False))
    return str(address or "")


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    """IPv4 written as IPv6 is IPv4. None for what is no address."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
