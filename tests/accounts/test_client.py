"""From where a request comes: one trusted hop, whatever the visitor writes."""

import pytest
from django.test import RequestFactory

from accounts.client import address_of, network_of


def asked(forwarded: str = "", direct: str = "10.0.0.1"):  # type: ignore[no-untyped-def]
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    return RequestFactory().get("/", REMOTE_ADDR=direct, **headers)


@pytest.mark.parametrize("forged", ["", "6.6.6.6", "6.6.6.6, 7.7.7.7", "unknown", "<script>"])
def test_without_a_proxy_the_connection_counts_and_nothing_else(forged: str, settings) -> None:
    settings.TRUSTED_PROXY_COUNT = 0
    assert address_of(asked(forged)) == "10.0.0.1"


@pytest.mark.parametrize("forged", ["", "6.6.6.6, ", "6.6.6.6, 7.7.7.7, ", "not an address, ", ", , "])
def test_behind_a_proxy_the_address_that_it_saw_counts(forged: str, settings) -> None:
    settings.TRUSTED_PROXY_COUNT = 1
    assert address_of(asked(f"{forged}192.0.2.7")) == "192.0.2.7"


def test_behind_two_proxies_the_outermost_one_counts(settings) -> None:
    settings.TRUSTED_PROXY_COUNT = 2
    assert address_of(asked("6.6.6.6, 192.0.2.7, 10.0.0.9")) == "192.0.2.7"


def test_who_comes_past_the_outermost_proxy_is_who_the_inner_one_saw(settings) -> None:
    settings.TRUSTED_PROXY_COUNT = 2
    assert address_of(asked("192.0.2.7")) == "192.0.2.7"


@pytest.mark.parametrize("said", ["", "unknown", "6.6.6.6, nonsense"])
def test_a_proxy_that_says_nothing_sensible_is_the_visitor_itself(said: str, settings) -> None:
    settings.TRUSTED_PROXY_COUNT = 1
    assert address_of(asked(said)) == "10.0.0.1"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("", ""),
    ],
)
def test_one_place_is_an_address_of_ipv4_or_a_64_of_ipv6(address: str, network: str, settings) -> None:
    settings.TRUSTED_PROXY_COUNT = 0
    assert network_of(asked(direct=address)) == network
