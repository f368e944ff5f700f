"""Serve static files from the process that answers everything else."""

from __future__ import annotations

from pathlib import Path
from wsgiref.headers import Headers

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]

_GZIP = b"\x1f\x8b"  # RFC 1952, section 2.3.1


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc] # it has no types
    """WhiteNoise that reads the list of files at the first request for one of them.

    Reading the list takes 3% of a cold start, and most cold starts answer the API or a sign-in.
    """

    _unseen: tuple[str, str] | None = None

    def update_files_dictionary(self, root: str, prefix: str) -> None:
        self._unseen = (root, prefix)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        unseen = self._unseen
        if unseen and request.path_info.startswith(self.static_prefix):
            super().update_files_dictionary(*unseen)
            # Last, because another thread would find some files missing before.
            self._unseen = None
        response: HttpResponseBase = super().__call__(request)
        return response

    def add_mime_headers(self, headers: Headers, path: str, url: str) -> None:
        """Mark the files that a bundle holds in compressed form only.

        A client without Accept-Encoding accepts any encoding (RFC 9110, section 12.5.3), and every
        browser accepts gzip.
        """
        super().add_mime_headers(headers, path, url)
        with Path(path).open("rb") as file:
            if file.read(len(_GZIP)) == _GZIP:
                headers["Content-Encoding"] = "gzip"
