"""Logs: one JSON object per line, and nothing in it that says who somebody is.

Messages are fixed sentences; what varies goes into `extra` fields. As a second fence, addresses of mail
and of machines, telephone numbers and secrets in links are taken out of every text, tracebacks included.
"""

import logging
import re
from functools import partial
from typing import Any

from pythonjsonlogger.json import JsonFormatter

HIDDEN = [
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"), "<e-mail>"),
    (re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b"), "<address>"),
    (re.compile(r"\b(?:[0-9a-f]{1,4}:){4,7}[0-9a-f]{1,4}\b", re.IGNORECASE), "<address>"),
    (re.compile(r"(?<![\w.])(?:\+49|0049|0)\s?[1-9][\d /()-]{6,15}\d(?![\w.])"), "<phone>"),
    (re.compile(r"\b[\w-]{40,}\b"), "<secret>"),
    (re.compile(r"DETAIL: .*"), "DETAIL: <row>"),
]
LOCAL = {"127.0.0.1", "0.0.0.0"}  # noqa: S104 (compared, not bound)


def without_personal_data(text: str) -> str:
    """The text with everything that looks like a contact, an address of a machine or a secret taken out."""
    for pattern, instead in HIDDEN:
        text = pattern.sub(partial(_hide, instead), text)
    return text


def _hide(instead: str, found: re.Match[str]) -> str:
    return found[0] if found[0] in LOCAL else instead


class QuietFormatter(JsonFormatter):
    """JSON lines; every text passes the fence."""

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        data = super().process_log_record(log_data)
        return {key: _clean(value) for key, value in data.items() if key != "request"}


def _clean(value: Any) -> Any:
    return without_personal_data(value) if isinstance(value, str) else value


def logging_settings(level: str = "INFO") -> dict[str, Any]:
    """For Django's LOGGING: everything to standard error, as the supervisor and systemd want it."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": f"{__name__}.{QuietFormatter.__name__}",
                "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s",
                "rename_fields": {"asctime": "at", "levelname": "level", "name": "logger"},
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {
            "stadtkern": {"level": level},
            "procrastinate": {"level": "WARNING"},
            # The path of a request that failed may hold a secret link.
            "django.request": {"level": "ERROR"},
            "django.server": {"level": "ERROR"},
        },
    }


def level_named(text: str) -> str:
    """A level of the logging module, for the settings."""
    if text.upper() not in logging.getLevelNamesMapping():
        raise ValueError("say DEBUG, INFO, WARNING or ERROR")
    return text.upper()
