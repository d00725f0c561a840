"""What media tells."""

from stadtkern.core.events import event


@event("media.image_ready")
class ImageReady:
    """An image has its renditions, faces and plates blurred; its owner may publish it."""

    image_id: str
    purpose: str


@event("media.image_refused")
class ImageRefused:
    """An image turned out unreadable when it was decoded; it will never be shown."""

    image_id: str
    purpose: str


@event("media.image_published")
class ImagePublished:
    """An image can be seen by everybody."""

    image_id: str
    purpose: str


@event("media.image_withdrawn")
class ImageWithdrawn:
    """An image was taken back; its public renditions are gone."""

    image_id: str
    purpose: str
