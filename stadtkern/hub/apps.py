"""Wiring of the hub: offers its parts, hears events."""

from django.apps import AppConfig


class HubConfig(AppConfig):
    name = "stadtkern.hub"
    label = "hub"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from stadtkern.core.parts import PackLoader, pack_loaders
        from stadtkern.hub import receivers, rights  # noqa: F401  receivers register on import
        from stadtkern.hub.domain import loading, privacy
        from stadtkern.hub.domain.alerts import parts as alerts
        from stadtkern.hub.domain.connecting import kinds, schedule  # noqa: F401  jobs register on import
        from stadtkern.hub.domain.connecting import upkeep as connecting
        from stadtkern.hub.domain.letters import delivering, upkeep  # noqa: F401  as above
        from stadtkern.hub.domain.quality import outliers, reevaluating  # noqa: F401  as above
        from stadtkern.hub.door.mqtt import creating  # noqa: F401  letters of the broker are read by it
        from stadtkern.hub.web import desk_devices_parts, desk_rules_parts, desk_sources_parts, parts

        rights.register()
        desk_rules_parts.register()
        alerts.register()
        privacy.register()
        kinds.register()
        connecting.register()
        desk_sources_parts.register()
        desk_devices_parts.register()
        parts.register_parts()
        pack_loaders.add(
            PackLoader(key="hub", label=_("Stadtdatenwerk"), load=loading.load, after=("people", "places"))
        )
