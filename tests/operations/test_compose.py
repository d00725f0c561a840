"""The parts on many machines are told the same, and the same as one machine is told."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from stadtkern.config.env import KNOWN
from stadtkern.config.run.caddy import LARGEST_BODY

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
OF_OTHERS = {
    "PROMETHEUS_MULTIPROC_DIR",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
}
NEEDED = {
    *("DATABASE_URL", "STADTKERN_SECRET_KEY", "STADTKERN_METRICS_TOKEN", "STADTKERN_OIDC", "STADTKERN_VAPID_KEY"),
    *("STADTKERN_URL", "STADTKERN_HOSTS", "STADTKERN_PROXIES", "STADTKERN_CITY", "STADTKERN_SMTP"),
    *("STADTKERN_MAIL_FROM", "STADTKERN_S3_BUCKET", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def parts(compose) -> dict[str, dict[str, Any]]:
    """The services that run our image."""
    return {name: service for name, service in compose["services"].items() if "build" in service}


def test_every_setting_that_is_passed_is_one_we_read(compose):
    for name, part in parts(compose).items():
        told = {variable.removesuffix("_FILE") for variable in part["environment"]}
        assert told - OF_OTHERS <= set(KNOWN), name


def test_every_part_is_told_all_a_city_may_choose(compose):
    assert set(parts(compose)) == {"migrate", "pages", "door", "worker"}
    for name, part in parts(compose).items():
        told = {variable.removesuffix("_FILE") for variable in part["environment"]}
        assert told >= NEEDED, name
        assert part["env_file"] == [{"path": ".env", "required": False}], f"{name}: all other settings"


def test_secrets_are_files_that_every_part_gets(compose):
    for name, part in parts(compose).items():
        files = {path.removeprefix("/run/secrets/") for key, path in part["environment"].items() if key[-5:] == "_FILE"}
        assert files == set(part["secrets"]) <= set(compose["secrets"]), name


def test_processes_that_answer_together_count_together(compose):
    pages = compose["services"]["pages"]
    assert "--workers 2" in pages["command"]
    folder = pages["environment"]["PROMETHEUS_MULTIPROC_DIR"]
    assert any(place.startswith(f"{folder}:") for place in pages["tmpfs"])


def test_the_front_takes_what_the_front_of_one_machine_takes(compose):
    front = compose["configs"]["front"]["content"]
    assert f"max_size {LARGEST_BODY // 1_000_000}MB" in front
    assert "trusted_proxies static {$$STADTKERN_PROXIES}" in front


def test_every_volume_is_declared_and_every_declared_one_is_used(compose):
    used = {place.split(":")[0] for service in compose["services"].values() for place in service.get("volumes", [])}
    assert used == set(compose["volumes"])
