"""Makes the resources that the cases send to, with AWS's own Python client.

Reads {url, dynamodb, cases: [{name, type, table?, items?}]} and prints {name: ARN or URL}.
"""

import io
import json
import sys
import urllib.request
import zipfile

import boto3

given = json.load(sys.stdin)
COMMON = {"region_name": "us-east-1", "aws_access_key_id": "test", "aws_secret_access_key": "test"}


def client(service):
    url = given["dynamodb"] if service == "dynamodb" else given["url"]
    return boto3.client(service, endpoint_url=url, **COMMON)


def post(path):
    urllib.request.urlopen(urllib.request.Request(given["url"] + path, data=b"", method="POST")).read()


def role():
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    return client("iam").create_role(RoleName="target", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]


def code():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("f.py", "def handler(event, context):\n    return event\n")
    return packed.getvalue()


def queue(name):
    return client("sqs").create_queue(QueueName=name)["QueueUrl"]


def topic(name):
    sns, sqs = client("sns"), client("sqs")
    arn = sns.create_topic(Name=name)["TopicArn"]
    attributes = sqs.get_queue_attributes(QueueUrl=queue(name), AttributeNames=["QueueArn"])["Attributes"]
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=attributes["QueueArn"])
    return arn


def endpoint(name):
    sns = client("sns")
    application = sns.create_platform_application(Name=name, Platform="GCM", Attributes={})["PlatformApplicationArn"]
    return sns.create_platform_endpoint(PlatformApplicationArn=application, Token="t")["EndpointArn"]


def stream(name):
    client("firehose").create_delivery_stream(
        DeliveryStreamName=name, DeliveryStreamType="DirectPut",
        S3DestinationConfiguration={"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::delivered", "Prefix": name + "/"})
    return name


def function(name):
    return client("lambda").create_function(
        FunctionName=name, Runtime="python3.12", Role=ROLE, Handler="f.handler", Code={"ZipFile": CODE})["FunctionArn"]


def table(case):
    dynamodb = client("dynamodb")
    keys = list(zip(case["table"], ["HASH", "RANGE"]))
    dynamodb.create_table(
        TableName=case["name"], BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": key[0], "KeyType": kind} for key, kind in keys],
        AttributeDefinitions=[{"AttributeName": key[0], "AttributeType": key[1]} for key, _ in keys])
    dynamodb.get_waiter("table_exists").wait(TableName=case["name"], WaiterConfig={"Delay": 1})
    for item in case.get("items", []):
        dynamodb.put_item(TableName=case["name"], Item=item)
    return case["name"]


def make(case):
    kind, name = case["type"], case["name"]
    if kind in ("dynamoDB", "dynamoDBv2"):
        return table(case)
    if kind == "sns":
        return endpoint(name) if case.get("endpoint") else topic(name)
    return {"sqs": queue, "lambda": function, "firehose": stream}.get(kind, lambda name: name)(name)


if given["url"]:
    ROLE, CODE = role(), code()
    client("s3").create_bucket(Bucket="delivered")
made = {case["name"]: make(case) for case in given["cases"]}
if given["url"]:
    post("/moto-api/recorder/start-recording")
json.dump(made, sys.stdout)
