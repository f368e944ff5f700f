"""Includes addresses in a URLconf and loads their module with the first request for one of them.

Most processes serve no page of the console and no request of an operator. Loading these only when
they are needed saves a tenth of a cold start (`python -m bench cold`).
"""

from __future__ import annotations

from django.urls import URLResolver
from django.urls.resolvers import RoutePattern


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
