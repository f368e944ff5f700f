"""Stages with different settings, and the resources that their templates define."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import botocore.session
from botocore import xform_name

from infra.aws.provision import COGNITO_TEMPLATE
from infra.aws.template import load_template, render
from infra.deploy.alarms import Alarms
from infra.deploy.audit_stream.audit_stream import AuditStream
from infra.deploy.function.platform import Platform
from infra.deploy.gateway.domain import Domain
from infra.deploy.gateway.gateway import Gateway
from infra.deploy.stage.stage import Stage
from infra.environments import ROOT
from tests.infra.deploy.gateway.gateway_values import PARAMETERS
from tests.infra.deploy.rights.calls import arn
from tests.infra.deploy.rights.handlers import OTHER_KINDS, SCHEDULE_KINDS, Form, requests_for
from tests.infra.deploy.rights.iam import Request
from tests.infra.deploy.user_pool.pool_parameters import GOOD, SWITCHES

DEV = Stage("dev", "eu-west-1")
KEY = "arn:aws:kms:eu-west-1:000000000000:key/0a1b"
ATTACHES = "iam:*tachRolePolicy"


def of_pool(*switches: str) -> Stage:
    cognito = {name: value for switch in switches for name, value in SWITCHES[switch].items()}
    return replace(DEV, cognito=cognito)


FRONT = replace(
    DEV,
    authorizer="user-pool",
    public_url="https://app.example.com",
    certificate="arn:aws:acm:eu-west-1:000000000000:certificate/0a1b",
    hosted_zone="Z0123456789ABC",
)

# The option of the stage that MiniStack lacks, `cognito_logs`, is only in the template.
EVERY_OPTION = replace(
    FRONT,
    runtime="python3.13",
    snap_start=True,
    session_tracking=True,
    sessions_per_user=5,
    alarms="operators@example.com",
    audit_stream="archive",
    audit_archive_days=365,
    cognito_logs="all",
)
ARCHIVE = {"AWS::Events::Rule": "iam:PassRole"}

FORMS = {
    "default": Form(DEV),
    "authorizer": Form(replace(DEV, authorizer="user-pool")),
    "Lambda authorizer": Form(replace(DEV, authorizer="lambda")),  # only with gateway-authorizer
    "domain": Form(FRONT),
    "triggers": Form(of_pool("sign-up", "sign-ins end at a reset", "group scopes")),
    "alarms": Form(replace(DEV, alarms="operations@example.com")),
    "event bus": Form(replace(DEV, audit_stream="bus")),
    "audit stream": Form(replace(DEV, audit_stream="archive"), used=ARCHIVE),
    "log of the user pool": Form(replace(DEV, cognito_logs="errors")),
    "every option": Form(EVERY_OPTION, used=ARCHIVE),
    "session tracking": Form(replace(DEV, session_tracking=True)),
    "identity providers": Form(of_pool("Google", "SAML")),
    "mail": Form(of_pool("mail"), used={"AWS::Cognito::UserPool": "iam:CreateServiceLinkedRole"}),
    "domain of the hosted UI": Form(
        of_pool("custom domain"), used={"AWS::Cognito::UserPoolDomain": "cloudfront:*"}
    ),
    "VPC": Form(
        DEV,
        {"vpc_config": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}},
        {"AWS::IAM::Role": ATTACHES, "AWS::Lambda::Function": "ec2:*"},
        "arn:aws:iam::aws:policy/service-role/AWSLambdaENIManagementAccess",
    ),
    "traces": Form(
        DEV,
        {"xray_tracing": True},
        {"AWS::IAM::Role": ATTACHES},
        "arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess",
    ),
    "key": Form(DEV, {"aws_kms_key_arn": KEY}, {"AWS::Lambda::Function": "kms:*"}),
}


# Calls of boto3's client in the sources.
CALL = re.compile(r"\bcognito\.([a-z]+_[a-z_]+)\(")
MODEL = botocore.session.get_session().get_service_model("cognito-idp")
OPERATIONS = {xform_name(name): name for name in MODEL.operation_names}


def kinds(form: Form) -> set[str]:
    """Return the types of all resources of the stage."""
    stage = form.stage
    templates: dict[Path, dict[str, str]] = {
        COGNITO_TEMPLATE: {**GOOD, **stage.cognito},
        Platform.template: {"FunctionName": stage.function_name},
    }
    if stage.has_gateway:
        gateway = PARAMETERS | {"Authorizer": stage.authorizer, "AccessLog": "true"}
        templates[Gateway.template] = gateway
    if stage.alarms:
        limits = {"ConcurrencyLimit": "1000", "ConcurrencyThreshold": "800"}
        templates[Alarms.template] = {"FunctionName": stage.function_name, **limits}
    if AuditStream().is_wanted(stage):
        templates[AuditStream.template] = {
            "BusName": stage.audit_bus,
            "Stream": stage.audit_stream,
            "CognitoLogs": stage.cognito_logs,
            "FunctionRole": "role",
            "UserPoolId": "pool",
        }
    if stage.has_domain:
        templates[Domain.template] = {"HostedZoneId": stage.hosted_zone or ""}
    rendered = set()
    for template, parameters in templates.items():
        document = loaded(template)
        rendered |= {
            str(document["Resources"][name]["Type"]) for name in render(document, parameters)
        }
    # Zappa makes the function itself, with the same calls as CloudFormation.
    return {*rendered, *OTHER_KINDS, *SCHEDULE_KINDS, "AWS::Lambda::Function"}


loaded = cache(load_template)


def handled(form: Form) -> list[Request]:
    """Return what IAM decides while CloudFormation manages all resources of the stage."""
    by_cloudformation = (
        request for kind in sorted(kinds(form)) for request in requests_for(kind, form)
    )
    return unique([*by_cloudformation, *of_sources(form.stage)])


def of_sources(stage: Stage) -> Iterator[Request]:
    """Yield the calls of Cognito by commands that test_recorded_deployment.py does not run."""
    folders = (ROOT / "infra/deploy" / name for name in ("recovery", "rotation"))
    files = [file for folder in folders for file in folder.glob("*.py")]
    if stage.session_tracking:
        files.append(ROOT / "infra/deploy/user_pool/session_tracking.py")
    if stage.alarms:
        yield Request("lambda:GetAccountSettings")
    names = {name for file in files for name in CALL.findall(file.read_text("utf-8"))}
    # The local AWS has the calls of tracking, but an unset stage only reads its status.
    names.add("get_user_pool_session_configuration")
    assert len(names) > len(files) // 2
    pool = arn(stage, "cognito-idp", "userpool/eu-west-1_Abc123")
    tags = {f"aws:ResourceTag/{key}": value for key, value in stage.own_tags.items()}
    for name in sorted(names):
        yield Request(f"cognito-idp:{OPERATIONS[name]}", pool, tags)


def unique(requests: Iterable[Request]) -> list[Request]:
    return list({str(request): request for request in requests}.values())
