"""Includes addresses in a URLconf and loads their module with the first request for one of them.

Most processes serve few kinds of requests: many serve no page of the console, and many no sign-in
without a browser. Loading the others only when they are needed makes cold starts shorter
(`python -m bench cold`).
"""

from __future__ import annotations

from collections.abc import Callable

from django.core.checks import CheckMessage
from django.http.response import HttpResponseBase
from django.urls import ResolverMatch, URLPattern, URLResolver
from django.urls.resolvers import RoutePattern
from django.utils.module_loading import import_string


class PostponedUrls(URLResolver):
    """The addresses of a URLconf `module` below `route`, in a namespace of their own.

    Django imports a URLconf that is given by its name when a request matches the route.
    """

    def __init__(self, route: str, module: str, *, namespace: str) -> None:
        super().__init__(RoutePattern(route), module, app_name=namespace, namespace=namespace)

    def _populate(self) -> None:
        """Do nothing. Django calls this for every include as soon as any address is reversed.

        `reverse` finds the names of a namespace by `url_patterns` and needs nothing from here.
        """


class PostponedView(URLPattern):
    """The address of a view `function` of `module`, in the namespace around it.

    `manage.py check` loads every view, so it finds a name that does not exist.
    """

    def __init__(self, route: str, module: str, function: str, *, name: str) -> None:
        self._name = f"{module}.{function}"
        # Django needs something to call as soon as any address is reversed.
        super().__init__(RoutePattern(route, name=name, is_endpoint=True), self._load, name=name)

    @property
    def lookup_str(self) -> str:
        """The dotted name of the view."""
        return self._name

    def resolve(self, path: str) -> ResolverMatch | None:
        """Load the view if `path` is its address."""
        if self.pattern.match(path):
            self.load()
        return super().resolve(path)

    def check(self) -> list[CheckMessage]:
        """Load the view. Raises ImportError."""
        self.load()
        return super().check()

    def load(self) -> None:
        """Let `callback` be the view itself."""
        self.callback = self._load()

    def _load(self) -> Callable[..., HttpResponseBase]:
        view: Callable[..., HttpResponseBase] = import_string(self._name)
        return view
