"""The configuration is itself an app: it holds the operator's commands."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "stadtkern.config"
    label = "config"
