"""Settings of the data hub: its archive, the broker, how long a question may take."""

from pathlib import Path
from urllib.parse import urlsplit

from stadtkern.config.env import env, whole


def _broker(text: str) -> str:
    if text and urlsplit(text).scheme not in {"mqtt", "mqtts"}:
        raise ValueError("say mqtt://user:password@host:1883 or mqtts://...")
    return text


def archive(data: Path) -> Path:
    return env("STADTKERN_HUB_ARCHIVE", str(data / "hub-archive"), "Folder of archived months (Parquet).", Path)


BROKER = env("STADTKERN_MQTT", "", "MQTT broker, mqtt://user:password@host:1883; empty: none.", _broker)
SHARE = env("STADTKERN_MQTT_SHARE", "", "Group of the shared subscription, when several doors listen.", str)
KEY = env("STADTKERN_MQTT_KEY", "", "Prefix of the API key in whose name the broker's messages are written.", str)
STATEMENT_SECONDS = env("STADTKERN_HUB_SECONDS", "10", "Most seconds a question to the hub may take.", whole)
DEMO_FILES = env("STADTKERN_DEMO_FILES", "", "Folder of real values for the demo; empty: beside the checkout.", str)
