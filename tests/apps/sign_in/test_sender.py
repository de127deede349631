"""Whoever is counted by network address is counted by the own one, not by the proxy's."""

import pytest
from django.test import RequestFactory

from recoup.site.sender import address_of


@pytest.mark.parametrize(
    ("proxies", "told", "found"),
    [
        (0, "198.51.100.7", "10.0.0.1"),
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "203.0.113.5, 198.51.100.7", "198.51.100.7"),
        (2, "203.0.113.5, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
        (2, "198.51.100.7", "10.0.0.1"),
        (1, "", "10.0.0.1"),
    ],
)
def test_what_a_stranger_writes_into_the_header_is_not_believed(settings, proxies, told, found):
    settings.PROXIES = proxies
    request = RequestFactory().get("/complain/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=told)

    assert address_of(request) == found
