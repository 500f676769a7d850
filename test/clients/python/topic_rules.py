"""Walks the operations on topic rules with boto3 or the AWS CLI (first argument) at a URL (second), and prints what it saw."""

import json
import subprocess
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

client_name, url = sys.argv[1:]
ROLE = "arn:aws:iam::000000000000:role/Rules"
ARN = "arn:aws:iot:us-east-1:000000000000:rule/walk"
SQL = "SELECT *, topic(2) AS pump FROM 'pumps/+'"
PAYLOAD = {
    "sql": SQL,
    "awsIotSqlVersion": "2016-03-23",
    "actions": [{"iotEvents": {"inputName": "Pumps", "roleArn": ROLE}}],
}


class Failed(Exception):
    pass


def by_boto3(operation, **members):
    client = boto3.client("iot", endpoint_url=url, config=Config(retries={"total_max_attempts": 1}))
    try:
        return getattr(client, operation.replace("-", "_"))(**members)
    except ClientError as error:
        raise Failed(error.response["Error"]["Code"]) from error


def by_cli(operation, **members):
    command = [sys.executable, "-m", "awscli", "iot", operation, "--endpoint-url", url, "--cli-input-json", json.dumps(members)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise Failed(done.stderr.split("(")[1].split(")")[0])
    return json.loads(done.stdout or "{}")


call = {"boto3": by_boto3, "awscli": by_cli}[client_name]


def failure(operation, **members):
    try:
        call(operation, **members)
    except Failed as error:
        return str(error)
    return None


def rule():
    return call("get-topic-rule", ruleName="walk")["rule"]


def tags():
    return call("list-tags-for-resource", resourceArn=ARN)["tags"]


told = {}
call("create-topic-rule", ruleName="walk", topicRulePayload=PAYLOAD, tags="team=pumps")
told["created"] = {name: rule()[name] for name in ("ruleName", "sql", "ruleDisabled", "awsIotSqlVersion")}
call("disable-topic-rule", ruleName="walk")
told["disabled"] = rule()["ruleDisabled"]
call("enable-topic-rule", ruleName="walk")
told["enabled"] = rule()["ruleDisabled"]
told["listed"] = [each["ruleName"] for each in call("list-topic-rules", topic="pumps/1")["rules"]]
call("replace-topic-rule", ruleName="walk", topicRulePayload={"sql": "SELECT a", "actions": []})
told["replaced"] = rule()["sql"]
call("tag-resource", resourceArn=ARN, tags=[{"Key": "team", "Value": "x"}])
told["tags"] = tags()
call("untag-resource", resourceArn=ARN, tagKeys=["team"])
told["untagged"] = tags()
told["unknown"] = failure("get-topic-rule", ruleName="nobody")
told["syntax"] = failure("create-topic-rule", ruleName="wrong", topicRulePayload={"sql": "SELECT", "actions": []})
call("delete-topic-rule", ruleName="walk")
told["left"] = call("list-topic-rules")["rules"]
print(json.dumps(told))
