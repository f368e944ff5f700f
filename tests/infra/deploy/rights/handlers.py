"""What CloudFormation does with the deployer's rights, for each type of resource.

`handlers.json` is a copy of the permissions in AWS's public schemas of these types, which are also
in cfn-lint. A schema names the permissions of every property that the type has. UNUSED names those
of properties that our templates do not set.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resource-type-schemas.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from infra.deploy.stage.stage import PROJECT, Stage
from tests.infra.deploy.rights.calls import ACCOUNT, arn, passed
from tests.infra.deploy.rights.iam import Request

HANDLERS: dict[str, dict[str, str]] = json.loads(
    Path(__file__).with_name("handlers.json").read_text("utf-8")
)

UNUSED: dict[str, dict[str, str]] = {
    "*": {"kms:*": "resources have AWS's own keys"},
    "AWS::ApiGateway::Authorizer": {"iam:PassRole": "authorizers have no role of their own"},
    "AWS::ApiGateway::RestApi": {
        "apigateway:UpdateRestApiPolicy": "APIs have no policy",
        "iam:PassRole": "there is no definition in OpenAPI with roles",
        "s3:GetObject": "there is no definition in OpenAPI",
    },
    "AWS::Cognito::LogDeliveryConfiguration": {
        "firehose:*": "the log goes to CloudWatch",
        "iam:CreateServiceLinkedRole": "the log goes to CloudWatch",
        "s3:*": "the log goes to CloudWatch",
    },
    "AWS::Cognito::UserPool": {
        "iam:PassRole": "the pool sends no SMS",
        "iam:CreateServiceLinkedRole": "only for mail through SES",
    },
    "AWS::Cognito::UserPoolClient": {"iam:*": "there are no analytics of Pinpoint"},
    "AWS::Cognito::UserPoolDomain": {"cloudfront:*": "only for a domain of the hosted UI"},
    "AWS::Cognito::UserPoolGroup": {"iam:*": "groups have no role"},
    "AWS::Events::EventBus": {"events:*Permission": "the bus has no policy"},
    "AWS::Events::Rule": {"iam:PassRole": "only the rule of the archive has a target with a role"},
    "AWS::IAM::Policy": {
        "iam:*UserPolicy": "policies are for roles",
        "iam:*GroupPolicy": "policies are for roles",
    },
    "AWS::IAM::Role": {
        "iam:AttachRolePolicy": "only in a VPC or with traces",
        "iam:DetachRolePolicy": "only in a VPC or with traces",
        "iam:DeleteRolePermissionsBoundary": "nothing removes a boundary",
        "iam:UpdateRole": "roles have the default duration",
        "iam:UpdateRoleDescription": "roles have no description",
    },
    "AWS::Lambda::Function": {
        "ec2:*": "only in a VPC",
        "elasticfilesystem:*": "functions have no file system",
        "s3files:*": "functions have no file system",
        "s3:GetObjectVersion": "bundles have no versions",
        "lambda:AssociateRuntimeAlias": "functions use AWS's runtime",
        "lambda:DeleteFunctionCodeSigningConfig": "code is not signed",
        "lambda:GetCodeSigningConfig": "code is not signed",
        "lambda:GetLayerVersion": "functions have no layers",
        "lambda:PassCapacityProvider": "functions have no capacity provider",
        "lambda:PutFunction*": "functions have the defaults",
        "lambda:PutRuntimeManagementConfig": "functions have the defaults",
        "lambda:GetFunctionScalingConfig": "functions have no capacity provider",
    },
    "AWS::Logs::LogGroup": {
        "firehose:*": "logs are not delivered elsewhere",
        "logs:AssociateKmsKey": "resources have AWS's own keys",
        "logs:CreateLogDelivery": "logs are not delivered elsewhere",
        "logs:DeleteDataProtectionPolicy": "logs have no such policy",
        "logs:DeleteIndexPolicy": "logs have no such policy",
        "logs:DeleteResourcePolicy": "logs have no such policy",
        "logs:DisassociateKmsKey": "resources have AWS's own keys",
        "logs:PutBearerTokenAuthentication": "logs are written with roles",
        "logs:PutDataProtectionPolicy": "logs have no such policy",
        "logs:PutIndexPolicy": "logs have no such policy",
        "logs:PutLogGroupDeletionProtection": "`destroy` deletes logs",
        "logs:PutResourcePolicy": "logs have no such policy",
        "s3:*": "logs are not delivered elsewhere",
    },
    "AWS::SNS::Subscription": {
        "iam:GetRole": "mail needs no role",
        "iam:PassRole": "mail needs no role",
    },
    "AWS::SNS::Topic": {
        "iam:GetRole": "the topic has no role",
        "iam:PassRole": "the topic has no role",
        "sns:PutDataProtectionPolicy": "the topic has no such policy",
        "sns:Unsubscribe": "the subscription is a resource of its own",
    },
    "AWS::S3::Bucket": {
        "iam:PassRole": "nothing is replicated",
        "s3tables:*": "the bucket has no metadata table",
        "s3:*Abac": "rights do not depend on tags of the bucket",
        "s3:*AccelerateConfiguration": "the bucket does not set this",
        "s3:*Acl": "the owner is enforced",
        "s3:*AnalyticsConfiguration": "the bucket does not set this",
        "s3:*CORS": "the bucket does not set this",
        "s3:*Cors": "the bucket does not set this",
        "s3:*IntelligentTieringConfiguration": "the bucket does not set this",
        "s3:*InventoryConfiguration": "the bucket does not set this",
        "s3:*Lifecycle": "the bucket does not set this",
        "s3:*Logging": "the bucket does not set this",
        "s3:*MetadataTableConfiguration": "the bucket has no metadata table",
        "s3:UpdateBucketMetadata*": "the bucket has no metadata table",
        "s3:*MetricsConfiguration": "the bucket does not set this",
        "s3:*Notification": "the bucket does not set this",
        "s3:*ObjectLockConfiguration": "the bucket does not set this",
        "s3:*Replication": "nothing is replicated",
        "s3:*ReplicationConfiguration": "nothing is replicated",
        "s3:*Versioning": "the bucket does not set this",
        "s3:*Website": "the bucket does not set this",
        "s3:DeleteBucketEncryption": "the encryption stays",
        "s3:DeleteObject": "`destroy` does this itself",
        "s3:*TagResource": "for buckets with access points only",
        "s3:UntagResource": "for buckets with access points only",
        "s3:ListTagsForResource": "for buckets with access points only",
    },
}
# The types in Zappa's stack, and those that infra/deploy/function/schedules.py makes.
OTHER_KINDS = ("AWS::ApiGateway::Method", "AWS::ApiGateway::Resource", "AWS::ApiGateway::RestApi")
SCHEDULE_KINDS = ("AWS::Events::Rule", "AWS::Lambda::Permission")


@dataclass(frozen=True)
class Form:
    """Settings of a stage, and what they need.

    Attributes:
        zappa: settings of zappa_settings.json.
        used: the types of resources with permissions that are needed in spite of UNUSED.
        attached: the policy of AWS that the function's role has.
    """

    stage: Stage
    zappa: Mapping[str, Any] = field(default_factory=dict)
    used: Mapping[str, str] = field(default_factory=dict)
    attached: str = ""


def requests_for(kind: str, form: Form) -> Iterator[Request]:
    """Yield what IAM decides when CloudFormation manages a resource of this type."""
    unused = [*UNUSED["*"], *UNUSED.get(kind, ())]
    needed = form.used.get(kind, "")
    for permissions in HANDLERS[kind].values():
        for action in permissions.split():
            if fnmatchcase(action, needed) or not any(
                fnmatchcase(action, pattern) for pattern in unused
            ):
                yield from _requests(kind, action, form)


def _requests(kind: str, action: str, form: Form) -> Iterator[Request]:
    stage = form.stage
    service = action.partition(":")[0]
    prefix = f"{PROJECT}-{stage.name}"
    role = arn(stage, "iam", f"role/{prefix}-platform-Role-A1B2")
    tags = stage.own_tags
    if action == "iam:PassRole":
        yield passed(role, f"{_SERVICES.get(kind, kind.split('::')[1].lower())}.amazonaws.com")
    elif action == "iam:CreateServiceLinkedRole":
        mail = "email.cognito-idp.amazonaws.com"
        resource = arn(stage, "iam", f"role/aws-service-role/{mail}/AWSServiceRoleForMail")
        yield Request(action, resource, {"iam:AWSServiceName": mail})
    elif service == "iam":
        boundary = arn(stage, "iam", f"policy/{stage.boundary_name}")
        context = {"iam:PermissionsBoundary": boundary, "iam:PolicyARN": form.attached}
        yield Request(action, role, context)
    elif service == "kms":
        yield Request(action, str(form.zappa["aws_kms_key_arn"]))
    elif action == "cognito-idp:CreateUserPool":
        yield Request(action, "*", {f"aws:RequestTag/{key}": tags[key] for key in tags})
    elif action == "cognito-idp:TagResource":
        new = {f"aws:RequestTag/{key}": tags[key] for key in tags}
        present = {f"aws:ResourceTag/{key}": tags[key] for key in tags}
        pool = arn(stage, service, "userpool/eu-west-1_Abc123")
        yield Request(action, pool, new)
        yield Request(action, pool, new | present)
    elif action in WITHOUT_RESOURCE or service == "ec2":
        yield Request(action)
    else:
        context = {f"aws:ResourceTag/{key}": tags[key] for key in tags}
        for resource in _resources(kind, service, stage):
            yield Request(action, resource, context if service == "cognito-idp" else {})


# The services whose principal is not the second part of the type.
_SERVICES = {"AWS::KinesisFirehose::DeliveryStream": "firehose"}

# Actions that no resource restricts.
WITHOUT_RESOURCE = {
    *(f"logs:{verb}LogDelivery" for verb in ("Create", "Delete", "Get", "Update")),
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "cloudwatch:DescribeAlarms",
    "sns:GetSubscriptionAttributes",
    "sns:SetSubscriptionAttributes",
    "sns:Unsubscribe",
    "cloudfront:updateDistribution",
    "cognito-idp:DescribeUserPoolDomain",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "route53:GetChange",
    "route53:ListHostedZones",
}


def _resources(  # noqa: C901, PLR0911, PLR0912 - one for each service
    kind: str, service: str, stage: Stage
) -> list[str]:
    prefix = f"{PROJECT}-{stage.name}"
    if kind == "AWS::ApiGateway::DomainName":
        name = (stage.public_url or "").removeprefix("https://")
        return [arn(stage, service, path) for path in ("/domainnames", f"/domainnames/{name}")]
    if kind == "AWS::ApiGateway::BasePathMapping":
        name = (stage.public_url or "").removeprefix("https://")
        return [arn(stage, service, f"/domainnames/{name}/basepathmappings")]
    if service == "apigateway":
        return [arn(stage, service, "/restapis"), arn(stage, service, "/restapis/a1b2c3/x")]
    if service == "lambda":
        names = [prefix, f"{prefix}:live", f"{prefix}-cognito-PreSignUp-A1B2"]
        return [arn(stage, service, f"function:{name}") for name in names]
    if service == "s3" and kind == "AWS::S3::Bucket":
        return [
            f"arn:aws:s3:::{prefix}-{name}-a1b2" for name in ("platform-bundles", "audit-archive")
        ]
    if service == "s3":
        return [f"arn:aws:s3:::{prefix}-platform-bundles-a1b2/bundles/c3d4.zip"]
    if service == "logs":
        names = [f"/aws/lambda/{prefix}", f"/aws/lambda/{prefix}:*"]
        names += [f"/aws/apigateway/{prefix}-gateway", f"{prefix}-cognito-TriggerLog-A1B2"]
        names.append(f"/aws/vendedlogs/cognito/{stage.audit_bus}")
        return [arn(stage, service, f"log-group:{name}") for name in names]
    if kind == "AWS::CloudWatch::Dashboard":
        return [f"arn:aws:cloudwatch::{ACCOUNT}:dashboard/{prefix}"]
    if service == "cloudwatch":
        return [arn(stage, service, f"alarm:{prefix}-server-errors")]
    if service == "sns":
        return [arn(stage, service, f"{prefix}-alarms")]
    if kind == "AWS::Events::EventBus":
        return [arn(stage, service, f"event-bus/{stage.audit_bus}")]
    if service == "firehose":
        return [arn(stage, service, f"deliverystream/{stage.audit_bus}")]
    if service == "events":
        # The rule of the archive belongs to its bus.
        names = [f"{prefix}-clear_expired", f"{stage.audit_bus}/{stage.audit_stack}-Rule-A1B2"]
        return [arn(stage, service, f"rule/{name}") for name in names]
    if service == "route53":
        return [f"arn:aws:route53:::hostedzone/{stage.hosted_zone}"]
    assert service == "cognito-idp"
    return [arn(stage, service, "userpool/eu-west-1_Abc123")]
