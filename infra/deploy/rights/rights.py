"""The rights that a deployer needs: one table of actions, resources and conditions.

`python -m infra policy` prints the policy that follows from it, and infra/deploy/github.yaml holds
the same one. A test compares the table with the calls of a recorded deployment, and with the calls
that CloudFormation makes for each type of resource.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from infra.deploy.stage.stage import PROJECT, Stage
from infra.deploy.stage.zappa_settings import is_in_vpc, is_traced, stage_config

# The stage's own resources. In these patterns, {stage} is the stage's name, {named} begins the
# names that we choose, and {generated} those that CloudFormation generates.
STACKS = (
    "arn:{partition}:cloudformation:{region}:{account}:stack/{named}/*",
    "arn:{partition}:cloudformation:{region}:{account}:stack/{named}-*",
)
FUNCTIONS = (
    "arn:{partition}:lambda:{region}:{account}:function:{named}",
    "arn:{partition}:lambda:{region}:{account}:function:{named}:*",
    "arn:{partition}:lambda:{region}:{account}:function:{generated}*",
)
ROLES = ("arn:{partition}:iam::{account}:role/{generated}*",)
BOUNDARY = "arn:{partition}:iam::{account}:policy/{boundary}"
# The bucket and what it holds.
BUCKET = ("arn:{partition}:s3:::{generated}*",)
LOGS = (
    "arn:{partition}:logs:{region}:{account}:log-group:/aws/*/{named}",
    "arn:{partition}:logs:{region}:{account}:log-group:/aws/*/{named}:*",
    "arn:{partition}:logs:{region}:{account}:log-group:/aws/*/{named}-*",
    "arn:{partition}:logs:{region}:{account}:log-group:{generated}*",
)
RULES = ("arn:{partition}:events:{region}:{account}:rule/{named}-*",)
BUSES = ("arn:{partition}:events:{region}:{account}:event-bus/{named}-audit",)
DELIVERIES = ("arn:{partition}:firehose:{region}:{account}:deliverystream/{named}-audit",)
SECRETS = (
    "arn:{partition}:secretsmanager:{region}:{account}:secret:" + PROJECT + "/{stage}-*",
    "arn:{partition}:secretsmanager:{region}:{account}:secret:" + PROJECT + "/{stage}/*",
)
POOLS = ("arn:{partition}:cognito-idp:{region}:{account}:userpool/*",)
# API Gateway's ARNs hold generated ids only, and what is below an API has no tags.
APIS = (
    "arn:{partition}:apigateway:{region}::/restapis",
    "arn:{partition}:apigateway:{region}::/restapis/*",
)
EVERYTHING = ("*",)

OURS = {
    "StringLike": {
        "aws:ResourceTag/Project": PROJECT,
        "aws:ResourceTag/Stage": "{stage}",
    }
}
MADE_OURS = {"StringLike": {"aws:RequestTag/Project": PROJECT, "aws:RequestTag/Stage": "{stage}"}}
# A new pool has no tags yet. A pool of another stage has tags, and this right cannot change them.
STAYS_OURS = MADE_OURS | {"StringLikeIfExists": OURS["StringLike"]}
BOUND = {"ArnLike": {"iam:PermissionsBoundary": BOUNDARY}}

# The policies of AWS that platform.yaml attaches to the function's role.
IN_VPC = "arn:{partition}:iam::aws:policy/service-role/AWSLambdaENIManagementAccess"
TRACED = "arn:{partition}:iam::aws:policy/AWSXRayDaemonWriteAccess"


def _attached(policy: str) -> dict[str, dict[str, str]]:
    return {"ArnLike": {**BOUND["ArnLike"], "iam:PolicyARN": policy}}


@dataclass(frozen=True)
class Right:
    """What some steps may do with some resources.

    Attributes:
        step: the part of a deployment that needs it.
        service, actions: `lambda`, and the actions separated by spaces.
        resources, condition: patterns of ARNs, and IAM's condition.
        is_wanted: whether the stage's settings need it.
    """

    step: str
    service: str
    actions: str
    resources: tuple[str, ...]
    condition: Mapping[str, Mapping[str, str | list[str]]] = field(default_factory=dict)
    is_wanted: Callable[[Stage], bool] = lambda stage: True  # noqa: ARG005 - for rights that set it

    @property
    def names(self) -> list[str]:
        return [f"{self.service}:{action}" for action in self.actions.split()]


RIGHTS = (
    Right(
        "every stack",
        "cloudformation",
        "*ChangeSet DeleteStack Describe* TagResource",
        STACKS,
    ),
    Right(
        "the API by Zappa",
        "cloudformation",
        "CreateStack ListStackResources UpdateStack",
        STACKS,
        is_wanted=lambda stage: not stage.has_gateway,
    ),
    # The user pool, infra/cognito.yaml.
    Right("the user pool", "cognito-idp", "ListUserPools", EVERYTHING),
    Right("the user pool", "cognito-idp", "CreateUserPool", EVERYTHING, MADE_OURS),
    Right("the user pool", "cognito-idp", "TagResource", POOLS, STAYS_OURS),
    Right(
        "the user pool",
        "cognito-idp",
        "*ManagedLoginBranding* *PointInTimeRecover* *ResourceServer *UserPoolClient "
        # `*teGroup` stands for CreateGroup, DeleteGroup and UpdateGroup, to keep the policy short.
        "*UserPoolClientSecret* *UserPoolDomain *UserPoolMfaConfig *teGroup AddCustomAttributes "
        "DeleteUserPool DescribeUserPool GetGroup ListTagsForResource UntagResource "
        "UpdateUserPool",
        POOLS,
        OURS,
    ),
    Right(
        "the status of session tracking",
        "cognito-idp",
        "GetUserPoolSessionConfiguration",
        POOLS,
        OURS,
        lambda stage: stage.session_tracking is None,
    ),
    Right(
        "session tracking",
        "cognito-idp",
        "*SessionConfiguration",
        POOLS,
        OURS,
        lambda stage: stage.session_tracking is not None,
    ),
    Right("the user pool", "cognito-idp", "DescribeUserPoolDomain", EVERYTHING),
    Right(
        "identity providers",
        "cognito-idp",
        "*IdentityProvider",
        POOLS,
        OURS,
        lambda stage: _has(stage, "Google", "Facebook", "Amazon", "Apple", "Oidc", "Saml"),
    ),
    Right(
        "a domain of the hosted UI",
        "cloudfront",
        "UpdateDistribution",
        EVERYTHING,
        is_wanted=lambda stage: _has(stage, "CustomDomain"),
    ),
    Right(
        "mail through SES",
        "iam",
        "CreateServiceLinkedRole",
        ("arn:{partition}:iam::{account}:role/aws-service-role/email.cognito-idp.amazonaws.com/*",),
        {"StringLike": {"iam:AWSServiceName": "email.cognito-idp.amazonaws.com"}},
        lambda stage: _has(stage, "EmailSourceArn"),
    ),
    # Roles. Without the boundary, a deployer could make a role with every right of the account.
    Right(
        "every role",
        "iam",
        "CreateRole DeleteRolePolicy PutRolePermissionsBoundary PutRolePolicy",
        ROLES,
        BOUND,
    ),
    Right(
        "every role",
        "iam",
        "DeleteRole Get* List* TagRole UntagRole UpdateAssumeRolePolicy",
        ROLES,
    ),
    Right("every role", "iam", "GetPolicy", (BOUNDARY,)),
    Right(
        "functions and APIs with a role",
        "iam",
        "PassRole",
        ROLES,
        {
            "StringLike": {
                "iam:PassedToService": ["lambda.amazonaws.com", "apigateway.amazonaws.com"]
            }
        },
        lambda stage: not stage.has_audit_archive,
    ),
    Right(
        "a function in a VPC",
        "iam",
        "AttachRolePolicy DetachRolePolicy",
        ROLES,
        _attached(IN_VPC),
        lambda stage: is_in_vpc(stage.name),
    ),
    Right(
        "a function in a VPC",
        "ec2",
        "DescribeNetworkInterfaces DescribeRouteTables DescribeSecurityGroups DescribeSubnets "
        "DescribeVpcs",
        EVERYTHING,
        is_wanted=lambda stage: is_in_vpc(stage.name),
    ),
    Right(
        "a traced function",
        "iam",
        "AttachRolePolicy DetachRolePolicy",
        ROLES,
        _attached(TRACED),
        lambda stage: is_traced(stage.name),
    ),
    # The bucket for bundles, and the logs.
    Right(
        "the bucket",
        "s3",
        "*BucketOwnershipControls *BucketPublicAccessBlock *BucketTagging *EncryptionConfiguration "
        "*LifecycleConfiguration CreateBucket DeleteBucket ListBucket",
        BUCKET,
    ),
    Right("bundles", "s3", "AbortMultipartUpload DeleteObject GetObject PutObject", BUCKET),
    Right(
        "logs",
        "logs",
        "*RetentionPolicy *tagResource CreateLogGroup DeleteLogGroup GetDataProtectionPolicy "
        "ListTagsForResource",
        LOGS,
    ),
    Right("logs", "logs", "Describe*", EVERYTHING),
    # Secrets. Those of other parties are read only.
    Right(
        "the secrets",
        "secretsmanager",
        "CreateSecret DeleteSecret DescribeSecret GetSecretValue PutSecretValue TagResource",
        SECRETS,
    ),
    # The function, its versions, and functions of the stacks.
    Right(
        "the function",
        "lambda",
        "*tagResource AddPermission CreateAlias CreateFunction DeleteFunction "
        "DeleteFunctionConcurrency Get* InvokeFunction List* PublishVersion RemovePermission "
        "UpdateAlias UpdateFunctionCode UpdateFunctionConfiguration",
        FUNCTIONS,
    ),
    Right(
        "a limit of concurrent executions",
        "lambda",
        "PutFunctionConcurrency",
        FUNCTIONS,
        is_wanted=lambda stage: bool(stage_config(stage.name).get("lambda_concurrency")),
    ),
    Right(
        "a key for the function's environment",
        "kms",
        "CreateGrant Decrypt DescribeKey Encrypt GenerateDataKey",
        ("{key}",),
        is_wanted=lambda stage: bool(stage_config(stage.name).get("aws_kms_key_arn")),
    ),
    # The API, its domain and schedules.
    Right("the API", "apigateway", "DELETE GET PATCH POST PUT", APIS),
    Right(
        "the API with its authorizer",
        "apigateway",
        "GET",
        ("arn:{partition}:apigateway:{region}::/account",),
        is_wanted=lambda stage: stage.has_gateway,
    ),
    Right(
        "the domain",
        "apigateway",
        "DELETE GET PATCH POST PUT",
        (
            "arn:{partition}:apigateway:{region}::/domainnames",
            "arn:{partition}:apigateway:{region}::/domainnames/{domain}",
            "arn:{partition}:apigateway:{region}::/domainnames/{domain}/*",
        ),
        is_wanted=lambda stage: stage.has_domain,
    ),
    Right(
        "the domain's record",
        "route53",
        "ChangeResourceRecordSets GetHostedZone ListResourceRecordSets",
        ("arn:{partition}:route53:::hostedzone/{zone}",),
        is_wanted=lambda stage: bool(stage.hosted_zone),
    ),
    Right(
        "the domain's record",
        "route53",
        "GetChange ListHostedZones",
        EVERYTHING,
        is_wanted=lambda stage: bool(stage.hosted_zone),
    ),
    Right(
        "schedules",
        "events",
        "*Targets *tagResource DeleteRule DescribeRule List* PutRule",
        RULES,
    ),
    Right("schedules", "events", "ListRuleNamesByTarget ListRules", EVERYTHING),
    # The audit stream, infra/deploy/audit_stream/audit-stream.yaml.
    Right(
        "the event bus",
        "events",
        "*EventBus *tagResource ListTagsForResource",
        BUSES,
        is_wanted=lambda stage: stage.has_audit_bus,
    ),
    Right(
        "the archive",
        "firehose",
        "*DeliveryStream *DeliveryStreamEncryption UpdateDestination",
        DELIVERIES,
        is_wanted=lambda stage: stage.has_audit_archive,
    ),
    Right(
        "functions and APIs with a role, and the archive",
        "iam",
        "PassRole",
        ROLES,
        {
            "StringLike": {
                "iam:PassedToService": [
                    *("lambda.amazonaws.com", "apigateway.amazonaws.com"),
                    *("events.amazonaws.com", "firehose.amazonaws.com"),
                ]
            }
        },
        lambda stage: stage.has_audit_archive,
    ),
    Right(
        "the log of the user pool",
        "cognito-idp",
        "*LogDeliveryConfiguration",
        POOLS,
        OURS,
        lambda stage: stage.cognito_logs != "none",
    ),
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
    Right(
        "the log of the user pool",
        "logs",
        # `*LogDeliver*` stands for Create, Delete, Get, List and Update.
        "*LogDeliver* PutResourcePolicy",
        EVERYTHING,
        is_wanted=lambda stage: stage.cognito_logs != "none",
    ),
    # Alarms, their topic and the dashboard.
    Right(
        "alarms",
        "cloudwatch",
        "*tagResource DeleteAlarms DeleteDashboards GetDashboard ListTagsForResource PutDashboard "
        "PutMetricAlarm",
        (
            "arn:{partition}:cloudwatch:{region}:{account}:alarm:{named}-*",
            "arn:{partition}:cloudwatch::{account}:dashboard/{named}",
        ),
        is_wanted=lambda stage: stage.alarms is not None,
    ),
    Right(
        "alarms",
        "sns",
        "*tagResource CreateTopic DeleteTopic Get* List* SetTopicAttributes Subscribe",
        ("arn:{partition}:sns:{region}:{account}:{named}-alarms",),
        is_wanted=lambda stage: stage.alarms is not None,
    ),
    Right(
        "alarms",
        "sns",
        "*SubscriptionAttributes Unsubscribe",
        EVERYTHING,
        is_wanted=lambda stage: stage.alarms is not None,
    ),
    Right(
        "alarms",
        "cloudwatch",
        "DescribeAlarms",
        EVERYTHING,
        is_wanted=lambda stage: stage.alarms is not None,
    ),
    Right(
        "the limit of alarms",
        "lambda",
        "GetAccountSettings",
        EVERYTHING,
        is_wanted=lambda stage: stage.alarms is not None,
    ),
)


def _has(stage: Stage, *parameters: str) -> bool:
    """Return whether the stage sets a parameter of infra/cognito.yaml that begins with one."""
    return any(value and name.startswith(parameters) for name, value in stage.cognito.items())
