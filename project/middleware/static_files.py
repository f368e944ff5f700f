"""Static files, from the process that answers everything else."""

from __future__ import annotations

from pathlib import Path
from wsgiref.headers import Headers

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]

_GZIP = b"\x1f\x8b"  # RFC 1952, section 2.3.1


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc] # it has no types
    """WhiteNoise that looks at the files when somebody asks for the first of them.

    It looks at each of them once, which is 3% of a cold start, and most of those are for the API or
    for a sign-in.
    """

    _unseen: tuple[str, str] | None = None

    def update_files_dictionary(self, root: str, prefix: str) -> None:
        self._unseen = (root, prefix)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        unseen = self._unseen
        if unseen and request.path_info.startswith(self.static_prefix):
            super().update_files_dictionary(*unseen)
            # Not before: another thread would find some files missing.
            self._unseen = None
        response: HttpResponseBase = super().__call__(request)
        return response

    def add_mime_headers(self, headers: Headers, path: str, url: str) -> None:
        """A bundle has no other form than the compressed one of what gzip makes smaller.

        Who says nothing of encodings takes any (RFC 9110, section 12.5.3), and every browser gzip.
        """
        super().add_mime_headers(headers, path, url)
        with Path(path).open("rb") as file:
            if file.read(len(_GZIP)) == _GZIP:
                headers["Content-Encoding"] = "gzip"
