"""Calls operations with the client named on the command line, boto3 or the AWS CLI.

Reads {url, operations: [{service, name, input}]} and prints {name: null or what went wrong}. Blobs are base64.
"""

import base64
import concurrent.futures
import json
import re
import subprocess
import sys

import boto3
from botocore.config import Config

given = json.load(sys.stdin)
CLIENTS = {service: boto3.client(service, endpoint_url=given["url"], region_name="us-east-1",
                                 config=Config(retries={"total_max_attempts": 1}))
           for service in ("iotevents", "iotevents-data")}


def kebab(name):
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def with_blobs(shape, value, make):
    if shape.type_name == "blob":
        return make(base64.b64decode(value))
    if shape.type_name == "structure":
        return {key: with_blobs(shape.members[key], each, make) for key, each in value.items()}
    if shape.type_name == "list":
        return [with_blobs(shape.member, each, make) for each in value]
    return value


def by_boto3(service, name, value):
    client = CLIENTS[service]
    shape = client.meta.service_model.operation_model(name).input_shape
    getattr(client, kebab(name).replace("-", "_"))(**with_blobs(shape, value, lambda data: data))


def by_cli(service, name, value):
    shape = CLIENTS[service].meta.service_model.operation_model(name).input_shape
    text = json.dumps(with_blobs(shape, value, lambda data: data.decode()))
    command = [sys.executable, "-m", "awscli", service, kebab(name), "--endpoint-url", given["url"], "--cli-input-json", text]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip())


CALLS = {"boto3": by_boto3, "awscli": by_cli}


def attempt(operation):
    try:
        CALLS[sys.argv[1]](operation["service"], operation["name"], operation["input"])
        return operation["name"], None
    except Exception as error:  # what went wrong is the answer
        return operation["name"], f"{type(error).__name__}: {error}"


with concurrent.futures.ThreadPoolExecutor(2) as pool:
    json.dump(dict(pool.map(attempt, given["operations"])), sys.stdout)
