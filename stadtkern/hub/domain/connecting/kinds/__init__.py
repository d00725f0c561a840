"""The kinds of connectors that come with the house; plugins add theirs to the same registry (port.connectors)."""


def register() -> None:
    """Called once, when the application starts."""
    from stadtkern.hub.domain.connecting.kinds.http_json import HTTP_JSON
    from stadtkern.hub.domain.connecting.kinds.tables import CSV
    from stadtkern.hub.domain.connecting.port import connectors

    for kind in (CSV, HTTP_JSON):
        connectors.add(kind)
