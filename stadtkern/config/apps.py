"""The configuration is itself an app: it holds the operator's commands, and loads plugins after the modules."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "stadtkern.config"
    label = "config"

    def ready(self) -> None:
        from stadtkern.config import parts  # noqa: F401  it registers on import
        from stadtkern.config.plugins import load_plugins

        load_plugins()
