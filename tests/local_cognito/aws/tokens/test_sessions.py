from __future__ import annotations

import pytest

from local_cognito.aws.tokens.sessions import device_of

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1"


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (CHROME, "Chrome on Linux"),
        (f"{CHROME} Edg/142.0", "Edge on Linux"),
        (IPHONE, "Safari on iOS"),
        ("Mozilla/5.0 (Windows NT 10.0; rv:145.0) Firefox/145.0", "Firefox on Windows"),
        ("curl/8.5.0", "unknown"),
        ("", "unknown"),
    ],
)
def test_device_is_a_browser_on_a_system(user_agent: str, device: str) -> None:
    assert device_of(user_agent) == device
