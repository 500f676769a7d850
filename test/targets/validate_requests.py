"""Holds requests against AWS's own service models.

Reads [{service, operation, input, wire: {method, path, headers, body}}] and prints a list of what is wrong, empty when
nothing is. Each input must satisfy the constraints of its operation, and what went over the wire must be what botocore
makes of that input.
"""

import base64
import json
import sys
import urllib.parse

import botocore.session
from botocore import serialize, validate

SERVICES = {"iot-data": "iot-data", "dynamodb": "dynamodb", "firehose": "firehose", "iotsitewise": "iotsitewise",
            "lambda": "lambda", "sns": "sns", "sqs": "sqs"}
# Blobs that are listed as text, because text is what they hold.
TEXT_BLOBS = {("lambda", "Payload"), ("iot-data", "payload")}

session = botocore.session.get_session()


def with_bytes(service, shape, value, name=""):
    if shape.type_name == "blob":
        return value.encode() if (service, name) in TEXT_BLOBS else base64.b64decode(value, validate=True)
    if shape.type_name == "structure":
        return {key: with_bytes(service, shape.members[key], each, key) if key in shape.members else each
                for key, each in value.items()}
    if shape.type_name == "list":
        return [with_bytes(service, shape.member, each) for each in value]
    if shape.type_name == "map":
        return {key: with_bytes(service, shape.value, each) for key, each in value.items()}
    return value


def body_of(protocol, body):
    text = body.decode() if isinstance(body, (bytes, bytearray)) else body
    if protocol == "query":
        return sorted(urllib.parse.parse_qsl(text, keep_blank_values=True)) if isinstance(text, str) else sorted(
            text.items())
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text


def check(request):
    service, operation, given, wire = (request[each] for each in ("service", "operation", "input", "wire"))
    model = session.get_service_model(SERVICES[service])
    operation_model = model.operation_model(operation)
    params = with_bytes(service, operation_model.input_shape, given)
    report = validate.ParamValidator().validate(params, operation_model.input_shape)
    if report.has_errors():
        return report.generate_report()
    protocol = model.resolved_protocol
    expected = serialize.create_serializer(protocol).serialize_to_request(params, operation_model)
    path, _, query = wire["path"].partition("?")
    if wire["method"] != expected["method"]:
        return f"method {wire['method']}, expected {expected['method']}"
    if urllib.parse.unquote(path) != urllib.parse.unquote(expected["url_path"].partition("?")[0]):
        return f"path {path}, expected {expected['url_path']}"
    sent = {key: value for key, value in urllib.parse.parse_qsl(query, keep_blank_values=True)}
    wanted = {key: str(value) for key, value in (expected["query_string"] or {}).items()}
    if sent != wanted:
        return f"query {sent}, expected {wanted}"
    if body_of(protocol, wire["body"]) != body_of(protocol, expected["body"]):
        return f"body {wire['body']!r}, expected {expected['body']!r}"
    headers = {key.lower(): value for key, value in wire["headers"].items()}
    for key, value in expected["headers"].items():
        if key.lower().startswith("x-amz-") and headers.get(key.lower()) != value:
            return f"header {key} {headers.get(key.lower())!r}, expected {value!r}"
    return None


problems = []
for number, request in enumerate(json.load(sys.stdin)):
    problem = check(request)
    if problem is not None:
        problems.append(f"{number} {request['service']} {request['operation']}: {problem}")
json.dump(problems, sys.stdout)
