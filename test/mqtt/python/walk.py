"""Eclipse Paho against the embedded broker: publish, subscribe, a durable session. Prints what it got, as JSON."""

import json
import ssl
import sys
import threading

import paho.mqtt.client as mqtt

settings = json.load(sys.stdin)


def connect(client_id, clean=True, on_message=None):
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=client_id, clean_session=clean)
    if "ca" in settings:
        client.tls_set(settings["ca"], settings["cert"], settings["key"], cert_reqs=ssl.CERT_REQUIRED)
    connected = threading.Event()
    present = []

    def on_connect(_client, _userdata, flags, reason, _properties):
        present.append(flags.session_present)
        if reason == 0:
            connected.set()

    client.on_connect = on_connect
    if on_message is not None:
        client.on_message = on_message
    client.connect("127.0.0.1", settings["port"], keepalive=30)
    client.loop_start()
    if not connected.wait(10):
        raise SystemExit("not connected")
    return client, present[0]


def leave(client):
    client.disconnect()
    client.loop_stop()


def subscribe(client, topic_filter):
    done = threading.Event()
    client.on_subscribe = lambda *_: done.set()
    client.subscribe(topic_filter, qos=1)
    done.wait(10)


session, _ = connect("paho-session", clean=False)
subscribe(session, "paho/#")
leave(session)

publisher, _ = connect("paho-publisher")
for number in range(20):
    publisher.publish(f"paho/{number}", str(number), qos=1).wait_for_publish(10)

got = []
everything = threading.Event()


def on_message(_client, _userdata, message):
    got.append([message.topic, message.payload.decode(), message.qos])
    if len(got) == 20:
        everything.set()


session, session_present = connect("paho-session", clean=False, on_message=on_message)
everything.wait(10)
leave(session)
leave(publisher)
print(json.dumps({"sessionPresent": session_present, "got": got}))
