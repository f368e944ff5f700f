"""Required parameters of infra/cognito.yaml, and the parameters of each option, for tests."""

from __future__ import annotations

GOOD = {
    "DomainPrefix": "gatehouse",
    "CallbackUrls": "https://app.example.com/accounts/callback/",
    "LogoutUrls": "https://app.example.com/accounts/logged-out/",
}
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-4e5f"
SENDER = "arn:aws:ses:eu-west-1:123456789012:identity/example.com"
SECRETS = {"IdentityProviderSecrets": "gatehouse/dev/identity-providers"}
APPLE = {"AppleServicesId": "com.example", "AppleTeamId": "ABCDE12345", "AppleKeyId": "12345ABCDE"}
# begin capability user-migration
MIGRATION = {
    "MigrationUrl": "https://old.example.com/migration/",
    "MigrationSecretName": "gatehouse/dev/migration",
    "UserMigrationCode": "pass",
}
# end capability user-migration
OIDC = {
    "OidcName": "Example",
    "OidcIssuer": "https://login.example.com/realm",
    "OidcClientId": "gatehouse",
}
SAML = {"SamlName": "Corporate", "SamlMetadataUrl": "https://idp.example.com/metadata"}

# Each option works alone, and together with every other option except the CONTRADICTIONS.
SWITCHES: dict[str, dict[str, str]] = {
    "custom domain": {
        "CustomDomain": "login.example.com",
        "CustomDomainCertificate": CERTIFICATE,
    },
    "colours": {
        "SiteColor": "4f46e5",
        "SiteColorHover": "3f38b7",
        "SiteColorDark": "ada8f3",
        "SiteColorDarkHover": "bdb9f5",
    },
    "support": {"SiteSupport": "help@example.com"},
    "classic pages": {"Login": "classic"},
    "Lite": {"Login": "classic", "Tier": "LITE"},
    "no passkeys": {"Passkeys": "false"},
    "verification preferred": {"PasskeyVerification": "preferred"},
    "codes by e-mail": {"EmailCodes": "true"},
    "passkeys as both factors": {"Passkeys": "true", "PasskeysAsMfa": "true"},
    "passkeys of a domain": {
        "CustomDomain": "login.example.com",
        "CustomDomainCertificate": CERTIFICATE,
        "Passkeys": "true",
        "PasskeyDomain": "example.com",
    },
    "codes as a second factor": {
        "EmailSourceArn": SENDER,
        "EmailFrom": "no-reply@example.com",
        "EmailMfa": "true",
    },
    "mail": {"EmailSourceArn": SENDER, "EmailFrom": "Example <no-reply@example.com>"},
    "mail in full": {
        "EmailSourceArn": SENDER,
        "EmailFrom": "no-reply@mail.example.com",
        "EmailReplyTo": "help@example.org",
        "EmailConfigurationSet": "bounces",
    },
    "no MFA": {"Mfa": "OFF"},
    "MFA": {"Mfa": "ON"},
    "invitations only": {"AdminCreateUserOnly": "true"},
    "attributes": {"CustomAttribute1": "tenant", "CustomAttribute3": "plan"},
    "one attribute": {"CustomAttribute2": "office"},
    "lifetimes": {"AccessTokenMinutes": "5", "IdTokenMinutes": "60", "RefreshTokenDays": "1"},
    "sign-up": {"AllowedEmailDomains": "example.com"},
    "sign-ins end at a reset": {"EndSignInsAtReset": "true", "PostConfirmationCode": "pass"},
    "auto-confirm": {"AutoConfirm": "true"},
    "group scopes": {"GroupScopes": "editors=api/write auditors=api/read,api/write"},
    # begin capability user-migration
    "users of another site": {**MIGRATION, "MigrationAttributes": "name,locale"},
    "users of another site with their keys": {
        **MIGRATION,
        "CustomAttribute2": "office",
        "MigrationAttributes": "custom:office",
        "MigrationIdAttribute": "office",
    },
    # end capability user-migration
    "boundary": {"PermissionsBoundary": "arn:aws:iam::123456789012:policy/boundary"},
    "Google": {**SECRETS, "GoogleClientId": "1234-abc.apps.googleusercontent.com"},
    "Facebook": {**SECRETS, "FacebookAppId": "1234567890"},
    "Amazon": {**SECRETS, "AmazonClientId": "amzn1.application-oa2-client.1a2b"},
    "Apple": {**SECRETS, **APPLE},
    "OpenID Connect": {**SECRETS, **OIDC},
    "SAML": SAML,
    "SAML with single logout": {**SAML, "SamlSignOut": "true"},
}

CONTRADICTIONS = {
    frozenset(pair)
    for pair in (
        ("sign-up", "auto-confirm"),
        ("users of another site", "auto-confirm"),  # only with user-migration
        ("users of another site with their keys", "auto-confirm"),  # only with user-migration
        ("classic pages", "codes by e-mail"),
        ("classic pages", "passkeys as both factors"),
        ("classic pages", "passkeys of a domain"),
        ("Lite", "codes by e-mail"),
        ("Lite", "codes as a second factor"),
        ("Lite", "passkeys as both factors"),
        ("Lite", "passkeys of a domain"),
        ("no MFA", "codes as a second factor"),
        ("no MFA", "passkeys as both factors"),
        ("MFA", "codes by e-mail"),
        ("MFA", "passkeys of a domain"),
        ("verification preferred", "passkeys as both factors"),
    )
}
