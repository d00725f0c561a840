"""A real mosquitto for tests, and a client that looks at what it is given."""

import os
import queue
import shutil
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from tests.operations.conftest import free_port, wait_until

# What the broker has acknowledged is on its disk, however it ends (usual: every half hour), and no queue is cut.
CONFIGURATION = """
listener {port} 127.0.0.1
allow_anonymous true
user root
persistence true
persistence_location {folder}/
autosave_on_changes true
autosave_interval 1
max_queued_messages 0
max_inflight_messages 200
"""


def executable() -> str:
    """Where mosquitto is; without it tests skip, but not in CI."""
    found = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if not found:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("mosquitto is not installed")
    return str(found)


class Broker:
    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"mqtt://127.0.0.1:{self.port}"
        self._folder = folder
        self._configuration = folder / "mosquitto.conf"
        self._configuration.write_text(CONFIGURATION.format(port=self.port, folder=folder))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        log = (self._folder / "mosquitto.log").open("ab")
        command = [executable(), "-c", str(self._configuration)]
        self._process = subprocess.Popen(command, stdout=log, stderr=log)
        wait_until(self._answers, seconds=20, what="mosquitto")

    def kill(self) -> None:
        """As a power cut would."""
        assert self._process
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(10)

    def _answers(self) -> bool:
        with suppress(OSError):
            probe = paho.Client(CallbackAPIVersion.VERSION2)
            probe.connect("127.0.0.1", self.port)
            probe.disconnect()
            return True
        return False


class Client:
    """A client of the broker: publishes and waits for the acknowledgement, subscribes and holds what comes."""

    def __init__(self, broker: Broker, name: str = "") -> None:
        self.got: queue.Queue[paho.MQTTMessage] = queue.Queue()
        self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id=name, protocol=paho.MQTTv5)
        self._client.on_message = lambda _client, _data, message: self.got.put(message)
        self._subscribed = 0
        self._client.on_subscribe = self._note
        self._client.reconnect_delay_set(min_delay=1, max_delay=1)
        self._client.connect("127.0.0.1", broker.port)
        self._client.loop_start()
        wait_until(self._client.is_connected, what="a client of the broker")

    def _note(self, *_: Any) -> None:
        self._subscribed += 1

    def subscribe(self, topic: str) -> "Client":
        before = self._subscribed
        self._client.subscribe(topic, options=SubscribeOptions(qos=1))
        wait_until(lambda: self._subscribed > before, what=f"a subscription to {topic}")
        return self

    def publish(
        self, topic: str, body: str | bytes, *, qos: int = 1, retain: bool = False, wait: bool = True, **more: Any
    ) -> paho.MQTTMessageInfo:
        given: Properties | None = more.get("properties")
        told = self._client.publish(topic, body, qos=qos, retain=retain, properties=given)
        if wait:
            told.wait_for_publish(10)
        return told

    def next(self, *, within: float = 15) -> paho.MQTTMessage:
        return self.got.get(timeout=within)

    def all(self, *, quiet: float = 1.0) -> list[paho.MQTTMessage]:
        """What comes until it is quiet for so long."""
        found = []
        with suppress(queue.Empty):
            while True:
                found.append(self.got.get(timeout=quiet))
        return found

    def nothing(self, *, within: float = 1.0) -> bool:
        time.sleep(within)
        return self.got.empty()

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()
