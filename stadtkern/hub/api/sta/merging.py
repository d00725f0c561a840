"""What becomes of a JSON document by a patch: merge patch (RFC 7386) and JSON Patch (RFC 6902).

`application/json`, as OGC 18-088 clause 10.3 has it, merges too; only values of a kind of their own (a geometry, a
result) are replaced as a whole, because half of an old geometry in a new one helps nobody.
"""

from collections.abc import Collection
from typing import Any

import jsonpatch
import jsonpointer
import orjson

from stadtkern.core.problems import BadQuery, TooLarge
from stadtkern.hub.api.sta.json_body import MOST_BYTES

JSON, MERGE_PATCH, JSON_PATCH = "application/json", "application/merge-patch+json", "application/json-patch+json"
MOST_STEPS = 200


def merged(document: dict[str, Any], patch: dict[str, Any], *, whole: Collection[str] = ()) -> dict[str, Any]:
    """RFC 7386; the names in `whole` are set as they are."""
    done = _merged(document, {name: value for name, value in patch.items() if name not in whole})
    return done | {name: value for name, value in patch.items() if name in whole}


def patched(document: dict[str, Any], steps: Any) -> dict[str, Any]:
    """RFC 6902, all steps or none. Raises BadQuery when they do not fit, TooLarge when the document grows beyond."""
    if not isinstance(steps, list) or len(steps) > MOST_STEPS:
        raise BadQuery(f"a JSON Patch is a list of at most {MOST_STEPS} steps")
    done: Any = document
    for place, step in enumerate(steps):
        try:
            done = jsonpatch.apply_patch(done, [step])
        except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException) as error:
            raise BadQuery(f"step {place} of the JSON Patch: {str(error)[:200]}") from None
        except (TypeError, KeyError, ValueError, AttributeError, IndexError):
            raise BadQuery(f"step {place} of the JSON Patch does not fit the document") from None
        _check_size(done)
    if not isinstance(done, dict):
        raise BadQuery("the patched document is no object any more")
    return done


def _merged(document: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    done = dict(document) if isinstance(document, dict) else {}
    for name, value in patch.items():
        if value is None:
            done.pop(name, None)
        else:
            done[name] = _merged(done.get(name), value)
    return done


def _check_size(document: Any) -> None:
    """Copying a document into itself doubles it with every step."""
    try:
        size = len(orjson.dumps(document, option=orjson.OPT_NON_STR_KEYS))
    except TypeError:  # nested too deeply, or a number nobody could read back
        raise BadQuery("the patched document is nested too deeply") from None
    if size > MOST_BYTES:
        raise TooLarge(f"a document has at most {MOST_BYTES} bytes")
