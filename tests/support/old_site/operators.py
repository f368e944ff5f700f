"""An operator of the old site, who signs in to Django's admin with a password."""

from __future__ import annotations

import re
from typing import Any

import requests

from tests.support.old_site.process import OldSite

PAGE = "/admin/gatehouse_migration/switch/"
SECONDS = 30


class Operator:
    """A browser without JavaScript."""

    def __init__(self, site: OldSite, name: str, password: str, *, language: str = "en") -> None:
        self.site, self.password = site, password
        self.browser = requests.Session()
        self.browser.headers["Accept-Language"] = language
        answer = self.browser.get(f"{site.address}/admin/login/", timeout=SECONDS)
        fields = {"username": name, "password": password, "next": PAGE}
        self._post("/admin/login/", answer, fields)

    def page(self, path: str = PAGE) -> requests.Response:
        return self.browser.get(self.site.address + path, timeout=SECONDS)

    def text(self) -> str:
        """Return the words of the page, without tags."""
        answer = self.page()
        assert answer.status_code == 200, answer.text
        return words(answer)

    def switch(self, choice: str, **fields: Any) -> requests.Response:
        values = {"choice": choice, "until": "", "password": self.password, **fields}
        return self._post(PAGE, self.page(), values)

    def count_again(self) -> str:
        answer = self._post(f"{PAGE}count/", self.page(), {})
        assert answer.status_code == 200, answer.text
        return words(answer)

    def _post(
        self, path: str, form: requests.Response, fields: dict[str, Any]
    ) -> requests.Response:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form.text)
        values = {**fields, "csrfmiddlewaretoken": token[1] if token else ""}
        return self.browser.post(self.site.address + path, values, timeout=SECONDS)


def words(answer: requests.Response) -> str:
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]*>", " ", main).split())
