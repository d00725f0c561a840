"""The reader's condition as a filter of Django's queries: rows whose datastream the reader may see."""

import re

from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from stadtkern.hub.domain.readers import Reader

NAMED = re.compile(r"%\((\w+)\)s")


def is_seen(reader: Reader, column: str) -> RawSQL:
    """True where the datastream that `column` ("hub_alert.datastream_id") names may be seen."""
    condition = reader.sees_datastream("d")
    values = [reader.parameters[name] for name in NAMED.findall(condition)]
    text = f"exists (select 1 from hub_datastream d where d.id = {column} and {NAMED.sub('%s', condition)})"  # noqa: S608
    return RawSQL(text, values, output_field=BooleanField())  # noqa: S611  the parts are ours, values are parameters
