"""Amend entities that are there: only what differs is written, and what follows from them follows."""

from dataclasses import asdict
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model

from stadtkern.hub.domain.features import renew_features, settle_feature
from stadtkern.hub.domain.found_again import change
from stadtkern.hub.domain.geometry import box_of, geometry_of
from stadtkern.hub.models import Datastream, FeatureOfInterest, Location

M = TypeVar("M", bound=Model)


@transaction.atomic
def amend(entity: M, **values: Any) -> M:
    """Give the entity these values (names of its columns). Raises BadGeometry, DoesNotExist.

    A location that lies elsewhere takes the generated features of its things along; a datastream that hangs at
    another thing measures where that one is.
    """
    fresh = type(entity)._default_manager.select_for_update().get(pk=entity.pk)
    changed = change(fresh, values | _boxed(fresh, values))
    if isinstance(fresh, Location) and changed:
        renew_features(fresh)
    if isinstance(fresh, Datastream) and {"thing", "thing_id"} & changed:
        settle_feature(fresh.thing_id)
    return fresh


def _boxed(entity: Model, values: dict[str, Any]) -> dict[str, Any]:
    """The box, when a geometry is among the values or its encoding changes."""
    if isinstance(entity, Datastream) and values.get("observed_area") is not None:
        geometry_of(values["observed_area"])
    for kind, column in ((Location, "location"), (FeatureOfInterest, "feature")):
        if isinstance(entity, kind) and {column, "encoding_type"} & values.keys():
            encoding = values.get("encoding_type", getattr(entity, "encoding_type", ""))
            return asdict(box_of(values.get(column, getattr(entity, column)), encoding))
    return {}
