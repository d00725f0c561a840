"""The door with little patience, for tests that would otherwise wait for minutes."""

from stadtkern.config.door import app
from stadtkern.hub.door import watchdog
from stadtkern.hub.door.patience import PATIENCE

__all__ = ["app"]
PATIENCE.seconds = 2.0
watchdog.SLOW_AFTER = 2.0
app.ingest.watchdog = watchdog.Watchdog(app.ingest.commit, end_after=4)
