"""The life of a detector model through boto3: python walk.py ENDPOINT. Prints what it saw as one JSON object.

The service models come through AWS_DATA_PATH, as `tripline service-model --data-path` writes them.
"""

import json
import sys

import boto3
import botocore.exceptions

endpoint = sys.argv[1]
control = boto3.client("iotevents", endpoint_url=endpoint)
data = boto3.client("iotevents-data", endpoint_url=endpoint)
role = "arn:aws:iam::000000000000:role/Walk"
arn = "arn:aws:iotevents:us-east-1:000000000000:input/WalkInput"
seen = {"boto3": boto3.__version__}


def definition(threshold):
    high = {
        "eventName": "high",
        "condition": f"$input.WalkInput.celsius > {threshold}",
        "nextState": "High",
        "actions": [
            {"setVariable": {"variableName": "seen", "value": "$input.WalkInput.celsius"}},
            {"setTimer": {"timerName": "cool", "seconds": 600}},
        ],
    }
    return {
        "initialStateName": "Normal",
        "states": [
            {"stateName": "Normal", "onInput": {"transitionEvents": [high]}},
            {"stateName": "High"},
        ],
    }


attributes = {"attributes": [{"jsonPath": "id"}, {"jsonPath": "celsius"}]}
created = control.create_input(
    inputName="WalkInput", inputDefinition=attributes, tags=[{"key": "plant", "value": "north"}]
)
seen["created"] = [
    created["ResponseMetadata"]["HTTPStatusCode"],
    created["inputConfiguration"]["inputArn"],
    type(created["inputConfiguration"]["creationTime"]).__name__,
]
try:
    control.create_input(inputName="WalkInput", inputDefinition=attributes)
except control.exceptions.ResourceAlreadyExistsException as error:
    seen["exists"] = [error.response["resourceId"], error.response["resourceArn"], str(error)]

control.tag_resource(resourceArn=arn, tags=[{"key": "line", "value": ""}])
control.untag_resource(resourceArn=arn, tagKeys=["plant", "never there"])
seen["tags"] = control.list_tags_for_resource(resourceArn=arn)["tags"]

analysis = control.start_detector_model_analysis(detectorModelDefinition=definition(30))["analysisId"]
while control.describe_detector_model_analysis(analysisId=analysis)["status"] == "RUNNING":
    pass
results = control.get_detector_model_analysis_results(analysisId=analysis)["analysisResults"]
seen["analysis errors"] = [result for result in results if result["level"] == "ERROR"]

model = control.create_detector_model(
    detectorModelName="Walk", detectorModelDefinition=definition(30), key="id", roleArn=role
)["detectorModelConfiguration"]
seen["model"] = [model["detectorModelVersion"], model["status"]]
seen["routings"] = [
    resource["name"]
    for resource in control.list_input_routings(
        inputIdentifier={"iotEventsInputIdentifier": {"inputName": "WalkInput"}}
    )["routedResources"]
]

options = {
    "roleArn": role,
    "level": "DEBUG",
    "enabled": True,
    "detectorDebugOptions": [{"detectorModelName": "Walk", "keyValue": "a"}],
}
control.put_logging_options(loggingOptions=options)
seen["logging"] = control.describe_logging_options()["loggingOptions"] == options

messages = [
    {"messageId": str(number), "inputName": name, "payload": json.dumps(payload).encode()}
    for number, (name, payload) in enumerate(
        [
            ("WalkInput", {"id": "a", "celsius": 31.5}),
            ("WalkInput", {"id": "b", "celsius": 20}),
            ("NoInput", {}),
        ]
    )
]
entries = data.batch_put_message(messages=messages)["BatchPutMessageErrorEntries"]
seen["refused"] = [[entry["messageId"], entry["errorCode"]] for entry in entries]

detector = data.describe_detector(detectorModelName="Walk", keyValue="a")["detector"]
seen["detector"] = [detector["state"]["stateName"], detector["state"]["variables"]]
seen["timer"] = type(detector["state"]["timers"][0]["timestamp"]).__name__

pages = []
token = {}
while True:
    page = data.list_detectors(detectorModelName="Walk", maxResults=1, **token)
    pages += [summary["keyValue"] for summary in page["detectorSummaries"]]
    if "nextToken" not in page:
        break
    token = {"nextToken": page["nextToken"]}
seen["detectors"] = sorted(pages)

try:
    data.describe_detector(detectorModelName="Walk", keyValue="nobody")
except data.exceptions.ResourceNotFoundException as error:
    seen["not found"] = error.response["ResponseMetadata"]["HTTPStatusCode"]
try:
    control.describe_input(inputName="not/a name")
except control.exceptions.InvalidRequestException as error:
    seen["invalid"] = "failed to satisfy constraint" in str(error)
try:
    control.create_input(inputName="WalkInput")
except botocore.exceptions.ParamValidationError:
    seen["checked by the client"] = True
try:
    control.delete_input(inputName="WalkInput")
except control.exceptions.ResourceInUseException as error:
    seen["in use"] = "detector model: Walk" in str(error)

deleted = control.delete_detector_model(detectorModelName="Walk")
seen["deleted"] = deleted["ResponseMetadata"]["HTTPStatusCode"]
control.delete_input(inputName="WalkInput")
seen["left"] = control.list_inputs()["inputSummaries"]

print(json.dumps(seen))
