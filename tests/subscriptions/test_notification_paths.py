"""The paths of notifications: the same after a restart, different for each resource, and found behind a proxy."""

from __future__ import annotations

import pytest

from envoy.subscriptions.notification_paths import NotificationPaths, looks_like_path

URL = "https://der.example:8444"
HREFS = ("/edev", "/edev/1/fsa", "/edev/1/derp/1/derc")


def test_each_resource_has_a_path_of_its_own_that_a_secret_decides() -> None:
    paths = NotificationPaths(URL)
    uris = {paths.make_uri(href) for href in HREFS}
    assert len(uris) == len(HREFS)
    again = NotificationPaths(URL, paths.secret)
    assert {again.make_uri(href) for href in HREFS} == uris
    other = NotificationPaths(URL)
    assert uris.isdisjoint(other.make_uri(href) for href in HREFS)
    for href in HREFS:
        code = paths.find_code(paths.make_uri(href))
        assert code == paths.make_code(href) == again.make_code(href)
        assert other.find_code(paths.make_uri(href)) is None
        # As long as it is hard to guess.
        assert code is not None and len(code) * 5 >= 128


@pytest.mark.parametrize("base", ["", "/", "/envoy", "/a/b/"])
def test_what_a_proxy_has_before_it_does_not_matter(base: str) -> None:
    paths = NotificationPaths(URL + base)
    uri = paths.make_uri("/edev")
    assert uri.startswith(f"{URL}{base.rstrip('/')}/notify/")
    inner = "/notify/" + uri.partition("/notify/")[2]
    for path in (uri, inner, f"/elsewhere{inner}", f"{inner}?x=1"):
        assert paths.find_code(path) == paths.make_code("/edev")
        assert looks_like_path(path)


@pytest.mark.parametrize("path", ["", "/", "/notify", "/notify/x/y", "{}/", "{}x", "/x?{}"])
def test_other_paths_are_nobodys(path: str) -> None:
    paths = NotificationPaths(URL)
    path = path.format(paths.make_uri("/edev").removeprefix(URL))
    assert paths.find_code(path) is None
    assert not looks_like_path(path)
