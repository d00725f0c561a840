"""Can photos become public: do the models that find faces and number plates load?"""

from collections.abc import Iterator

from stadtkern.config.check.finding import Finding, fault, good
from stadtkern.media.domain import detecting
from stadtkern.media.domain.detectors.port import DetectorMissing


def detectors() -> Iterator[Finding]:
    try:
        names = detecting.names()
    except DetectorMissing as missing:
        yield fault(
            f"No photo becomes public: {missing}",
            "Run `make setup`, which brings the models, or say by STADTKERN_PLATE_MODEL where a better one is.",
        )
    else:
        yield good(f"Faces and number plates are found: {names}")
