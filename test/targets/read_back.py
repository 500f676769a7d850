"""Reads what has arrived, with AWS's own Python client.

Reads {url, dynamodb, cases: [{name, type}]} and prints {name: [what arrived]}.
"""

import base64
import json
import sys
import urllib.parse
import urllib.request

import boto3

given = json.load(sys.stdin)
COMMON = {"region_name": "us-east-1", "aws_access_key_id": "test", "aws_secret_access_key": "test"}


def client(service):
    url = given["dynamodb"] if service == "dynamodb" else given["url"]
    return boto3.client(service, endpoint_url=url, **COMMON)


def recorded():
    """What the emulator itself noted of its requests."""
    with urllib.request.urlopen(given["url"] + "/moto-api/recorder/download-recording") as answer:
        lines = answer.read().decode().splitlines()
    return [json.loads(line) for line in lines if line]


def body_of(entry):
    body = entry.get("body") or ""
    return base64.b64decode(body).decode() if entry.get("body_encoded") else body


def messages(name):
    sqs = client("sqs")
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    return [message["Body"] for message in answer.get("Messages", [])]


def published(name):
    if name not in QUEUES:
        requests = [urllib.parse.parse_qs(body_of(entry)) for entry in RECORDED if "Action=Publish" in body_of(entry)]
        return [each["Message"][0] for each in requests if name in each.get("TargetArn", [""])[0]]
    return [json.loads(message) for message in messages(name)]


def invocations(name):
    found = []
    for entry in RECORDED:
        url = urllib.parse.unquote(entry["url"])
        if url.endswith(f":function:{name}/invocations"):
            headers = {key.lower(): value for key, value in dict(entry["headers"]).items()}
            found.append({"type": headers.get("x-amz-invocation-type"), "body": body_of(entry)})
    return found


def delivered(name):
    s3 = client("s3")
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket="delivered", Prefix=name + "/").get("Contents", [])]
    return [s3.get_object(Bucket="delivered", Key=key)["Body"].read().decode() for key in keys]


def topics(_name):
    found = []
    for entry in RECORDED:
        url = urllib.parse.urlparse(urllib.parse.unquote(entry["url"]))
        if url.path.startswith("/topics/"):
            found.append({"topic": url.path[len("/topics/"):], "query": url.query, "body": body_of(entry)})
    return found


def plain(value):
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value


def items(name):
    return [plain(item) for item in client("dynamodb").scan(TableName=name)["Items"]]


READERS = {"sqs": messages, "sns": published, "lambda": invocations, "firehose": delivered,
           "dynamoDB": items, "dynamoDBv2": items, "iotTopicPublish": topics}

RECORDED = recorded() if given["url"] else []
QUEUES = {url.rsplit("/", 1)[1] for url in client("sqs").list_queues().get("QueueUrls", [])} if given["url"] else set()
json.dump({case["name"]: READERS[case["type"]](case["name"]) for case in given["cases"]}, sys.stdout)
