"""Tests of base URLs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognito.wire.base_url import BaseURL, InvalidBaseURL


@pytest.mark.parametrize(
    ("raw", "origin", "path"),
    [
        ("https://example.com", "https://example.com", ""),
        ("https://Example.COM/", "https://example.com", ""),
        ("https://example.com:443/dev/", "https://example.com", "/dev"),
        ("https://example.com:8443/a/b", "https://example.com:8443", "/a/b"),
        ("http://localhost:80", "http://localhost", ""),
        ("http://[::1]:8000/dev", "http://[::1]:8000", "/dev"),
        ("http://127.9.9.9", "http://127.9.9.9", ""),
    ],
)
def test_url_is_split_into_origin_and_path(raw: str, origin: str, path: str) -> None:
    url = BaseURL.parse(raw)
    assert (url.origin, url.path, str(url)) == (origin, path, origin + path)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "example.com",
        "//example.com",
        "ftp://example.com",
        "https://",
        "https:///path",
        "https://example.com?x=1",
        "https://example.com#x",
        "https://user@example.com",
        "https://example.com\\@evil.example",
        "https://exam\tple.com",
        "https://example.com/a b",
        "https://example.com/../x",
        "https://example.com/./x",
        "https://example.com//x",
        "https://example.com:0",
        "https://example.com:99999",
        "https://example.com:x",
        "https://ex_ample.com",
        "https://exämple.com",
        "https://[::1",
        "http://example.com",
        "http://localhost.example.com",
        "http://10.0.0.1",
        "http://0.0.0.0",
    ],
)
def test_unsafe_url_is_refused_and_not_quoted(raw: str) -> None:
    with pytest.raises(InvalidBaseURL) as raised:
        BaseURL.parse(raw)
    assert not raw or raw not in str(raised.value)


@pytest.mark.parametrize(
    ("raw", "is_loopback"),
    [
        ("https://localhost", True),
        ("https://app.localhost", True),
        ("https://[::1]", True),
        ("https://127.0.0.1", True),
        ("https://notlocalhost", False),
        ("https://128.0.0.1", False),
    ],
)
def test_loopback_hosts_are_recognized(raw: str, is_loopback: bool) -> None:
    assert BaseURL.parse(raw).is_loopback is is_loopback


@given(st.text())
def test_any_text_is_a_url_or_is_refused(raw: str) -> None:
    try:
        url = BaseURL.parse(raw)
    except InvalidBaseURL:
        return
    assert BaseURL.parse(str(url)) == url
