"""The settings of Gatehouse in the settings of another Django project.

At the end of the project's settings:

    from project.adopted_settings import gatehouse_settings

    globals().update(gatehouse_settings(globals()))

Where django-configurations makes the settings:

    from project.adopted_settings import gatehouse_configuration

    gatehouse_configuration(globals())

The variables of docs/configuration.md configure Gatehouse here too.
Some have no effect, because the project's own settings decide: DATABASE_URL, LOG_LEVEL,
CORS_ALLOWED_ORIGINS and DJANGO_…, and METRICS_… because the project has metrics of its own.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, MutableMapping
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

from django.conf import global_settings

from api.scopes import API_SCOPES
from api.wire.defaults import SPECTACULAR_SETTINGS
from cognito.wire.base_url import BaseURL
from project.environment.reader import EnvironmentProblems, read
from project.middleware.headers import content_security_policy
from project.version import version

LEFT_TO_THE_PROJECT: Final = frozenset(
    {
        "DATABASE_URL",
        "LOG_LEVEL",
        "METRICS_SERVICE",
        "METRICS_TOKEN",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "SENTRY_DSN",
        "CORS_ALLOWED_ORIGINS",
        "PUBLIC_URL",
    }
)
# The folder of the packages in an adopted project, such as gatehouse/.
_FOLDER: Final = "".join(f"{name}/" for name in __name__.split(".")[:-2])
ADVICE: Final = (
    f"The file {_FOLDER}.env.example describes each variable. In the clone that this project "
    "adopted, `python3 -m infra local pool` runs a user pool on this machine."
)
OWN_USER_MODEL: Final = "accounts.User"
BACKEND: Final = "accounts.backends.CognitoBackend"
DJANGO_BACKEND: Final = "django.contrib.auth.backends.ModelBackend"
CONTEXT_PROCESSOR: Final = "accounts.sessions.context.identity"
TAGS: Final = "accounts.branding.tags"
AUTHENTICATION: Final = "django.contrib.auth.middleware.AuthenticationMiddleware"
Entries = list[Any] | tuple[Any, ...]


def gatehouse_settings(
    project: Mapping[str, Any], environ: Mapping[str, str] = os.environ
) -> dict[str, Any]:
    """Return the settings to add to those of `project`. A setting that it has already stays.

    Lists of the project keep their entries and their order. Ours follow, because the first of two
    templates or commands of one name wins. A tuple stays one, because the project may add to it.

    Raises:
        EnvironmentProblems: names every variable that is missing or invalid.
    """
    try:
        environment = read({**environ, **_of_django(project)})
    except EnvironmentProblems as error:
        raise EnvironmentProblems(error.problems, advice=ADVICE) from None
    public_url: BaseURL = environment.PUBLIC_URL
    hosted_ui = BaseURL.parse(environment.COGNITO_DOMAIN).origin
    is_https, path = public_url.is_https, public_url.path
    found: dict[str, Any] = {
        name: value
        for name, value in vars(environment).items()
        if name not in LEFT_TO_THE_PROJECT and not name.startswith("DJANGO_")
    }
    found |= {
        "PUBLIC_URL": str(public_url),
        "PUBLIC_ORIGIN": public_url.origin,
        "GATEHOUSE_PREFIX": f"{path.removeprefix(project.get('FORCE_SCRIPT_NAME') or '')}/",
        # Django's own default is an address that few projects have.
        "GATEHOUSE_HOME": project.get("LOGIN_REDIRECT_URL", "accounts:profile"),
        "GATEHOUSE_VERSION": version(),
        "COGNITO_API_SCOPES": frozenset(API_SCOPES),
        "COOKIE_PREFIX": ("__Secure-" if path else "__Host-") if is_https else "",
        "COOKIE_PATH": f"{path}/",
        "COOKIE_SECURE": is_https,
        "CONTENT_SECURITY_POLICY": content_security_policy(form_targets=[hosted_ui]),
        # begin capability docs-page
        "DOCS_CONTENT_SECURITY_POLICY": content_security_policy(connect_targets=[hosted_ui]),
        # end capability docs-page
        "SPECTACULAR_SETTINGS": SPECTACULAR_SETTINGS,
        "FORCE_SCRIPT_NAME": None,
        "CORS_ALLOWED_ORIGINS": (),
    }
    # One settings module may import another one that ends with these lines too, and change DEBUG or
    # SECRET_KEY after that. Then the values of the first call must not stay.
    former = project.get("GATEHOUSE_ADOPTED_SETTINGS", {})
    kept = {
        name: value
        for name, value in found.items()
        if name not in project or (name in former and project[name] is former[name])
    }
    return kept | {
        "GATEHOUSE_ADOPTED_SETTINGS": kept,
        "INSTALLED_APPS": _with(project.get("INSTALLED_APPS", []), _applications(project)),
        "MIDDLEWARE": _middleware(project.get("MIDDLEWARE", [])),
        "TEMPLATES": _templates(project.get("TEMPLATES", [])),
        "AUTHENTICATION_BACKENDS": _with(
            project.get("AUTHENTICATION_BACKENDS", [DJANGO_BACKEND]), [BACKEND]
        ),
        # begin capability docs-page
        "STATICFILES_DIRS": _with(project.get("STATICFILES_DIRS", []), _swagger_ui()),
        # end capability docs-page
    }


def gatehouse_configuration(module: MutableMapping[str, Any]) -> None:
    """Let django-configurations add our settings to those of the class that it chooses.

    Args:
        module: the names of the settings module, whose classes are complete.

    """
    chosen = module.get(os.environ.get("DJANGO_CONFIGURATION", ""))
    if chosen is None:
        # Another settings module imports this one, and has the class.
        return
    former = chosen.post_setup

    def post_setup() -> None:
        former()
        # The class has each of Django's defaults. Those are no choices of the project.
        settings = {
            name: value
            for name, value in module.items()
            if not hasattr(global_settings, name) or value is not getattr(global_settings, name)
        }
        module.update(gatehouse_settings(settings))

    chosen.post_setup = staticmethod(post_setup)


def _of_django(project: Mapping[str, Any]) -> dict[str, str]:
    """Return the variables whose values Django's own settings of the project have."""
    # The variable has rules of its own, which the project's key need not follow. Without DEBUG,
    # nothing is derived from it.
    key = hashlib.sha256(str(project.get("SECRET_KEY", "")).encode()).hexdigest()
    return {
        "DJANGO_DEBUG": str(bool(project.get("DEBUG"))).lower(),
        "DJANGO_SECRET_KEY": key,
        "DJANGO_SECRET_KEY_FALLBACKS": "",
        "DATABASE_URL": "sqlite://:memory:",
        "LOG_LEVEL": "",
        "CORS_ALLOWED_ORIGINS": "",
    }


def _applications(project: Mapping[str, Any]) -> list[str]:
    has_own_users = project.get("AUTH_USER_MODEL", "auth.User") != OWN_USER_MODEL
    return [
        *(["accounts.identity"] if has_own_users else []),
        *("accounts.apps.AccountsConfig", "api.apps.APIConfig", "rest_framework"),
    ]


def _middleware(names: Iterable[str]) -> Entries:
    """Return the project's middleware with ours: the API's first, ours for users after Django's."""
    found = list(_with(["api.wire.middleware.ApiContractMiddleware"], names))
    ours = [
        "accounts.sessions.middleware.BrowserSessionMiddleware",
        "accounts.sign_out.onward.OnwardMiddleware",
    ]
    place = found.index(AUTHENTICATION) + 1 if AUTHENTICATION in found else len(found)
    found[place:place] = [one for one in ours if one not in found]
    return _like(names, found)


def _templates(engines: Iterable[Mapping[str, Any]]) -> Entries:
    found = [dict(deepcopy(engine)) for engine in engines]
    for engine in found:
        if engine.get("BACKEND") == "django.template.backends.django.DjangoTemplates":
            options = engine.setdefault("OPTIONS", {})
            options["builtins"] = _with(options.get("builtins", []), [TAGS])
            options["context_processors"] = _with(
                options.get("context_processors", []), [CONTEXT_PROCESSOR]
            )
            break
    return _like(engines, found)


# begin capability docs-page
def _swagger_ui() -> list[tuple[str, Path]]:
    """Return the files of the API's documentation page, without the package's other viewer."""
    import drf_spectacular_sidecar  # noqa: PLC0415 # as a Django application it adds both

    package = Path(drf_spectacular_sidecar.__file__).parent
    files = package / "static/drf_spectacular_sidecar/swagger-ui-dist"
    return [("gatehouse/swagger-ui", files)] if files.is_dir() else []


# end capability docs-page


def _with(entries: Iterable[Any], more: Iterable[Any]) -> Entries:
    found = list(entries)
    return _like(entries, found + [entry for entry in more if entry not in found])


def _like(entries: Iterable[Any], found: list[Any]) -> Entries:
    """Return a tuple for a tuple. For all else, return a list."""
    return tuple(found) if isinstance(entries, tuple) else found
