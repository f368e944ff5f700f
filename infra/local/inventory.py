"""List what an account has, to show that `destroy` leaves nothing behind."""

from __future__ import annotations

from infra.deploy.stage.target import Target


def everything(target: Target) -> dict[str, list[str]]:
    """Return the names of all resources in the account, by type."""
    client = target.client
    stacks = client("cloudformation").list_stacks()["StackSummaries"]
    apis = client("apigateway").get_rest_apis()["items"]
    domains = client("apigateway").get_domain_names()["items"]
    functions = client("lambda").list_functions()["Functions"]
    pools = client("cognito-idp").list_user_pools(MaxResults=60)["UserPools"]
    secrets = client("secretsmanager").list_secrets()["SecretList"]
    buses = [bus["Name"] for bus in client("events").list_event_buses()["EventBuses"]]
    rules = [
        rule for bus in buses for rule in client("events").list_rules(EventBusName=bus)["Rules"]
    ]
    streams = client("firehose").list_delivery_streams()["DeliveryStreamNames"]
    alarms = client("cloudwatch").describe_alarms()["MetricAlarms"]
    dashboards = client("cloudwatch").list_dashboards()["DashboardEntries"]
    topics = client("sns").list_topics()["Topics"]
    groups = client("logs").describe_log_groups()["logGroups"]
    parameters = client("ssm").describe_parameters()["Parameters"]
    return {
        "stacks": sorted(s["StackName"] for s in stacks if s["StackStatus"] != "DELETE_COMPLETE"),
        "apis": sorted(api["name"] for api in apis),
        "domains": sorted(domain["domainName"] for domain in domains),
        "functions": sorted(function["FunctionName"] for function in functions),
        "pools": sorted(pool["Name"] for pool in pools),
        "secrets": sorted(secret["Name"] for secret in secrets),
        "buckets": sorted(b["Name"] for b in client("s3").list_buckets()["Buckets"]),
        "roles": sorted(role["RoleName"] for role in client("iam").list_roles()["Roles"]),
        "buses": sorted(buses),
        "delivery streams": sorted(streams),
        "rules": sorted(rule["Name"] for rule in rules),
        "alarms": sorted(alarm["AlarmName"] for alarm in alarms),
        "dashboards": sorted(dashboard["DashboardName"] for dashboard in dashboards),
        "topics": sorted(topic["TopicArn"] for topic in topics),
        "parameters": sorted(parameter["Name"] for parameter in parameters),
        "log groups": sorted(group["logGroupName"] for group in groups),
    }
