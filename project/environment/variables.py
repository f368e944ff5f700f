"""Every environment variable of the application, declared once.

A declaration gives the variable's name and type, how its text is parsed, its default, and its
meaning. From it follow the error messages, the setting of the same name, and its rows in
docs/configuration.md and .env.example: `python -m docs.settings` writes both.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cognito.tokens.authentication import levels
from cognito.tokens.pool_issuer import PoolIssuer
from cognito.wire.base_url import BaseURL
from project.environment import colors, trusted_proxy, values
from project.environment.values import WholeNumber
from project.environment.variable import variable

# It signs cookies of a developer only: it is accepted with DJANGO_DEBUG, so on loopback.
DEVELOPMENT_SECRET_KEY = "for-development-only:" + "not-a-secret-" * 3
_SQLITE_FILE = Path(__file__).resolve().parents[2] / "db.sqlite3"
_SIGN_IN_SCOPES = "openid email profile aws.cognito.signin.user.admin"


def _secret_key(read: Mapping[str, Any]) -> str | None:
    return DEVELOPMENT_SECRET_KEY if read["DJANGO_DEBUG"] else None


def _derived_fernet_key(read: Mapping[str, Any]) -> str | None:
    if not (read["DJANGO_DEBUG"] and read["DJANGO_SECRET_KEY"]):
        return None
    key: str = read["DJANGO_SECRET_KEY"]
    digest = hashlib.sha256(b"gatehouse token encryption:" + key.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii")


def _pool_issuer(read: Mapping[str, Any]) -> str:
    region, pool = str(read["COGNITO_REGION"]), str(read["COGNITO_USER_POOL_ID"])
    return PoolIssuer.of_pool(region=region, user_pool_id=pool).name


@dataclass(frozen=True, eq=False)
class Environment:
    """The values of all variables, in their types.

    A default may depend on variables that are declared above its own.
    """

    DJANGO_DEBUG: bool = variable(
        values.boolean,
        "Error pages for developers, generated secrets, plain text logs. Refused unless "
        "`PUBLIC_URL` is on this machine.",
        default="false",
        example="true",
    )
    DJANGO_SECRET_KEY: str = variable(
        values.secret_key,
        "At least 50 random characters. Signs sessions, forms and sign-ins in progress.",
        default=_secret_key,
        default_words="required; with `DJANGO_DEBUG`, a fixed one",
        is_secret=True,
    )
    DJANGO_SECRET_KEY_FALLBACKS: tuple[str, ...] = variable(
        values.secret_keys,
        "Former secret keys, comma separated. Sessions signed with them stay valid until you "
        "remove them.",
        default="",
        is_secret=True,
    )
    PUBLIC_URL: BaseURL = variable(
        BaseURL.parse,
        "Where browsers find the application, stage prefix included: `https://app.example.com`, "
        "`https://abc.execute-api.eu-west-1.amazonaws.com/dev`. Every absolute URL is built from "
        "it, never from a request's headers; allowed hosts, CSRF origins, cookie path, cookie "
        "names and `Secure` follow from it.",
        default="http://localhost:8000",
    )
    SITE_NAME: str = variable(
        values.site_name,
        "The product's name wherever a user sees it: pages, the console, the API's documentation, "
        "authenticator apps, e-mails. At most 60 visible characters, without a colon.",
        default="Gatehouse",
    )
    SITE_LOGO: str = variable(
        values.logo,
        "The product's mark beside its name and in browser tabs: an SVG or PNG file below "
        "`accounts/static/`, such as `brand/logo.svg`. It is shown 28 pixels high.",
        default="",
        default_words="the first letter of `SITE_NAME`",
    )
    SITE_COLOR: str = variable(
        colors.light,
        "The colour of buttons and links on light pages, such as `#4f46e5`. Its contrast must be "
        "at least 4.5:1.",
        default=colors.DEFAULT,
    )
    SITE_COLOR_DARK: str = variable(
        colors.dark,
        "The colour of buttons and links on dark pages.",
        # An invalid SITE_COLOR is the only problem to report.
        default=lambda read: colors.dark_of(read["SITE_COLOR"] or colors.DEFAULT),
        default_words="a lighter `SITE_COLOR`",
    )
    SITE_SUPPORT: str = variable(
        values.support,
        "Where users get help: an e-mail address or an https address. Pages show it at the bottom "
        "and with every error; the API's documentation names it as the contact.",
        default="",
    )
    TRUSTED_PROXY: trusted_proxy.TrustedProxy | None = variable(
        trusted_proxy.parse,
        "The proxies in front of the application that may say what the scheme, the visitor's "
        "address and the host are. Either `none`, or the number of proxies and their networks, "
        "such as `1 10.0.0.0/8,fd00::/8`; `unix` for a proxy that connects through a Unix socket. "
        "[proxies.md](proxies.md) has an example for each kind.",
        default="none",
        default_words=": no header decides any of these",
    )
    DATABASE_URL: str = variable(
        values.database_url,
        "`postgres://user:password@host:5432/name`, or `sqlite:////absolute/path`.",
        default=lambda _: f"sqlite:///{_SQLITE_FILE}",
        default_words="`db.sqlite3` in the project",
        is_secret=True,
    )
    TOKEN_ENCRYPTION_KEYS: tuple[str, ...] = variable(
        values.fernet_keys,
        "[Fernet](https://cryptography.io/en/latest/fernet/) keys for refresh tokens at rest, "
        "comma separated, newest first. The first encrypts, all decrypt. Make one: `openssl rand "
        r"-base64 32 \| tr '+/' '-_'`.",
        default=_derived_fernet_key,
        default_words="required; with `DJANGO_DEBUG`, derived from the secret key",
        is_secret=True,
    )
    SECRETS_CREATED: Mapping[str, datetime] = variable(
        values.moments,
        "When the secrets came into use, such as `client=2026-11-28T12:00Z,encryption=…,"
        "signing=…`. The console warns when one is older than 90 days. `deploy` and `secrets "
        "rotate` set it.",
        default="",
        default_words="unknown: no warning",
    )
    SESSION_IDLE_SECONDS: int = variable(
        WholeNumber(300, 31_536_000, of="seconds"),
        "How long a browser session lasts without a request.",
        default="28800",
        default_words=" (8 hours)",
    )
    SESSION_ABSOLUTE_SECONDS: int = variable(
        WholeNumber(300, 31_536_000, of="seconds"),
        "How long a browser session lasts after its sign-in.",
        default="604800",
        default_words=" (7 days)",
    )
    AUDIT_EVENT_BUS: str = variable(
        values.matching(values.EVENT_BUS, "the name or the ARN of an event bus"),
        "The event bus (Amazon EventBridge) that `manage.py deliver_audit_events` sends the audit "
        "trail to: a name, or an ARN. [audit-stream.md](audit-stream.md) has more.",
        default="",
        default_words="none: the trail stays in the database",
    )
    CORS_ALLOWED_ORIGINS: tuple[str, ...] = variable(
        values.origins,
        "Origins of browser applications that may call the API with a bearer token, comma "
        "separated: `https://spa.example.com`. Compared character by character; no wildcard, no "
        "cookies. They may send any request header, such as those of tracing (`traceparent`, "
        "`baggage`).",
        default="",
    )
    LOG_LEVEL: str = variable(
        values.log_level,
        "`DEBUG`, `INFO`, `WARNING`, `ERROR` or `CRITICAL`. Logs go to standard output, one JSON "
        "object a line; with `DJANGO_DEBUG` they go to standard error, as text. Those of "
        "`manage.py` go to standard error.",
        default="INFO",
    )
    METRICS_SERVICE: str = variable(
        values.matching(
            r"[A-Za-z0-9._-]{0,64}", "a name of up to 64 letters, digits, `.`, `_`, `-`"
        ),
        "The name of this deployment in CloudWatch's metrics, which are then written to the log. "
        "`deploy` sets it for a stage with alarms. [metrics.md](metrics.md) has the list.",
        default="",
        default_words="no metrics in the log",
    )
    METRICS_TOKEN: str = variable(
        values.matching(r"(?:[A-Za-z0-9._~+/-]{32,256}=*)?", "at least 32 characters of a token"),
        "The bearer token with which Prometheus scrapes `/metrics`. Make one: `openssl rand -hex "
        "32`.",
        default="",
        default_words="the page does not exist",
        is_secret=True,
    )
    OTEL_EXPORTER_OTLP_ENDPOINT: str = variable(
        lambda raw: values.url(raw) if raw else "",
        "OpenTelemetry's own variable: the collector that gets traces, such as "
        "`http://127.0.0.1:4318`. It needs requirements/traces.txt. [traces.md](traces.md) says "
        "what a trace holds.",
        default="",
        default_words="no traces",
    )
    SENTRY_DSN: str = variable(
        values.matching(r"(?:https?://[^\s@]+@[^\s@]+)?", "the DSN of a project of Sentry"),
        "Where defects are reported, without secrets or personal data. It needs "
        "requirements/sentry.txt. [traces.md](traces.md#error-reports) says what a report holds.",
        default="",
        default_words="no reports",
        is_secret=True,
    )
    COGNITO_REGION: str = variable(
        values.matching(r"[a-z]{2}(-[a-z]+)+-\d", "an AWS region"),
        "The region of the user pool, such as `eu-west-1`.",
        example="eu-west-1",
    )
    COGNITO_USER_POOL_ID: str = variable(
        values.matching(r"[\w-]+_[A-Za-z0-9]+", values.USER_POOL),
        "The id of the user pool, such as `eu-west-1_AbCdEfGhI`. It must belong to that region.",
    )
    COGNITO_CLIENT_ID: str = variable(
        values.matching(values.CLIENT_ID, "an app client id"),
        "The app client that browsers sign in with.",
    )
    COGNITO_CLIENT_SECRET: str = variable(
        str,
        "The secret of that app client; empty for a public client.",
        default="",
        is_secret=True,
    )
    COGNITO_DOMAIN: str = variable(
        values.url,
        "Base URL of the hosted UI, such as `https://example.auth.eu-west-1.amazoncognito.com` or "
        "your custom domain.",
    )
    COGNITO_ISSUER: str = variable(
        values.url,
        "Exactly the `iss` of the pool's tokens.",
        default=_pool_issuer,
        default_words="`https://cognito-idp.<region>.amazonaws.com/<pool>`",
    )
    COGNITO_JWKS_URL: str = variable(
        values.url,
        "Where the pool publishes its keys.",
        default=lambda read: (
            f"{read['COGNITO_ISSUER'] or _pool_issuer(read)}/.well-known/jwks.json"
        ),
        default_words="`<issuer>/.well-known/jwks.json`",
    )
    COGNITO_JWKS: str = variable(
        values.jwks,
        "The key set itself, as JSON. With it, tokens are verified without a fetch from the first "
        "request on. Keys that the pool adds later are still fetched.",
        default="",
    )
    COGNITO_SCOPES: tuple[str, ...] = variable(
        values.scopes,
        "What a browser sign-in asks for, separated by spaces; `openid` must be among them.",
        default=_SIGN_IN_SCOPES,
    )
    COGNITO_API_TOKEN_USES: frozenset[str] = variable(
        values.token_uses,
        "Which tokens the API accepts: `access`, or `access,id` for clients that send ID tokens.",
        default="access",
    )
    COGNITO_API_CLIENT_IDS: frozenset[str] = variable(
        values.client_ids,
        "Further app clients whose tokens the API accepts, comma separated.",
        default="",
    )
    COGNITO_API_AUDIENCE: str = variable(
        values.matching(values.AUDIENCE, "a name of up to 256 characters, such as a URL"),
        "The API's name as a resource (RFC 8707). An access token with the claim `aud` is accepted "
        "only if the claim is exactly this text; a token for another API is refused. Clients "
        "request it with the parameter `resource`. [security.md](security.md#audience) has more.",
        default=lambda read: f"{read['PUBLIC_URL']}/api",
        default_words="`<PUBLIC_URL>/api`",
    )
    COGNITO_REQUIRE_AUDIENCE: bool = variable(
        values.boolean,
        "Whether the API refuses access tokens without `aud`. Cognito sets the claim only at the "
        "hosted UI, and only if the client sends `resource`. The tokens of `POST "
        "/api/v1/auth/sign-in` have none, so the API refuses them as well.",
        default="false",
    )
    COGNITO_AUDIENCE_CLIENTS: str = variable(
        values.matching("listed|any", "listed or any"),
        "Which app clients may call the API with a token whose `aud` is `COGNITO_API_AUDIENCE`. "
        "`listed`: the clients above. `any`: every client of the pool, if the token has a scope of "
        "the API; this includes clients that are named by a URL or that registered themselves.",
        default="listed",
    )
    COGNITO_FIRST_PARTY_CLIENT_IDS: frozenset[str] = variable(
        values.client_ids,
        "App clients whose user tokens need no API scope, comma separated. Name only clients that "
        "you run yourself: an operator's token of such a client reaches the operators' API. "
        "`deploy` adds the client of `/api/v1/docs`.",
        default=lambda read: read["COGNITO_CLIENT_ID"] or "",
        default_words="`COGNITO_CLIENT_ID`",
    )
    # begin capability docs-page
    COGNITO_DOCS_CLIENT_ID: str = variable(
        values.matching(f"({values.CLIENT_ID})?", "a public app client's id"),
        "The public app client with which the page `/api/v1/docs` signs users in: one of "
        "`COGNITO_API_CLIENT_IDS`, with `<PUBLIC_URL>/api/v1/docs/signed-in` among its callback "
        "URLs.",
        default="",
        default_words="none: the page asks for a client id",
    )
    COGNITO_DOCS_SCOPES: tuple[str, ...] = variable(
        values.scopes,
        "The scopes that the page offers and selects, separated by spaces. They must be among "
        "those of its client (`AllowedOAuthScopes`), because Cognito refuses a sign-in that asks "
        "for any other.",
        default=f"{_SIGN_IN_SCOPES} api/read api/write api/account",
    )
    # end capability docs-page
    COGNITO_STAFF_GROUPS: frozenset[str] = variable(
        values.group_names,
        "Cognito groups whose members have staff rights (`is_staff`), comma separated. They may "
        "enter the admin.",
        default="operators",
    )
    COGNITO_SUPERUSER_GROUPS: frozenset[str] = variable(
        values.group_names,
        "Cognito groups whose members have every permission (`is_superuser`), comma separated. "
        "They need no staff group.",
        default="",
    )
    # begin capability console
    COGNITO_STAFF_REQUIRE_MFA: bool = variable(
        values.boolean,
        "Whether operators must have a second factor set up in the pool; without one the admin and "
        "the operators' API answer 403. The pool is asked (AdminGetUser), so an identity "
        "provider's own second factor does not count.",
        default="false",
    )
    # end capability console
    COGNITO_STEP_UP_SECONDS: int = variable(
        WholeNumber(30, 31_536_000, of="seconds"),
        "How recent the sign-in must be for dangerous operations, such as switching off the second "
        "factor or deleting an account. Users with an older sign-in must sign in again at the "
        "hosted UI. [Security](security.md#recent-sign-in) has the list.",
        default="300",
        default_words=" (5 minutes)",
    )
    COGNITO_STEP_UP_ACR: tuple[str, ...] = variable(
        levels,
        "The level that such a sign-in must also have, such as `urn:cognito:loa:2`: up to three "
        "names in order of preference, separated by spaces. A higher level of Cognito's own names "
        "is accepted too. Leave it empty for pools of the Lite tier, which have no levels.",
        default="",
        default_words="none: any recent sign-in",
    )
    COGNITO_RENEW_SECONDS: int = variable(
        WholeNumber(10, 3600, of="seconds"),
        "How old the groups and rights of a browser session may become.",
        default="300",
        default_words=" (5 minutes)",
    )
    COGNITO_REFRESH_TOKEN_DAYS: int = variable(
        WholeNumber(1, 3650, of="days"),
        "How long refresh tokens of the pool's clients live at most. When Cognito was unavailable "
        "during a sign-out, the application itself remembers the sign-out for as long.",
        default="30",
        default_words=", as Cognito's own",
    )
    COGNITO_PASSWORD_MIN_LENGTH: int = variable(
        WholeNumber(6, 99, of="characters"),
        "The minimum length of a password in the pool. Shorter passwords are refused before "
        "Cognito is asked, so that the answer does not reveal who has an account.",
        default="12",
        default_words=", as in our template",
    )
    COGNITO_AUTO_CONFIRM: bool = variable(
        values.boolean,
        "Whether the pool confirms new accounts by itself (a trigger does). `POST "
        "/api/v1/auth/sign-up` then answers that the next step is `sign-in`, to every caller.",
        default="false",
    )
    AWS_ENDPOINT_URL: str | None = variable(
        lambda raw: values.url(raw) if raw else None,
        "boto3's own variable: another endpoint than that of AWS, such as a local AWS.",
        default="",
        default_words="unset",
    )
