"""The kinds of connectors that come with the house; plugins add theirs to the same registry (port.connectors)."""


def register() -> None:
    """Called once, when the application starts."""
    from stadtkern.hub.domain.connecting.kinds.bright_sky import BRIGHT_SKY
    from stadtkern.hub.domain.connecting.kinds.datex2 import DATEX2_PARKING
    from stadtkern.hub.domain.connecting.kinds.gbfs import GBFS
    from stadtkern.hub.domain.connecting.kinds.gtfs_rt import GTFS_RT
    from stadtkern.hub.domain.connecting.kinds.http_json import HTTP_JSON
    from stadtkern.hub.domain.connecting.kinds.sensorthings import SENSORTHINGS
    from stadtkern.hub.domain.connecting.kinds.tables import CSV
    from stadtkern.hub.domain.connecting.port import connectors

    for kind in (BRIGHT_SKY, CSV, DATEX2_PARKING, GBFS, GTFS_RT, HTTP_JSON, SENSORTHINGS):
        connectors.add(kind)
