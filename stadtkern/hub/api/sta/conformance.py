"""What this service claims to do, and the test that proves each claim. The root document lists just these.

Requirements classes of OGC 18-088, annex A; below them our own extensions.
"""

from dataclasses import dataclass

STANDARD = "http://www.opengis.net/spec/iot_sensing/1.1/req"
OWN = "urn:stadtkern:sta"  # no address: the same words for every installation
# Batches in JSON were FROST's first; clients look for its name.
JSON_BATCH = "https://fraunhoferiosb.github.io/FROST-Server/extensions/JsonBatchRequest.html"
READ = "stadtkern/hub/tests/sta_read"
WRITE = "stadtkern/hub/tests/sta_write"


@dataclass(frozen=True, slots=True)
class Claim:
    """`test`: file and name of a test (pytest), relative to the project."""

    uri: str
    test: str


ENTITIES = (
    "thing",
    "location",
    "historical-location",
    "datastream",
    "sensor",
    "observed-property",
    "observation",
    "feature-of-interest",
    "entity-control-information",
)
CLAIMS: tuple[Claim, ...] = (
    *(
        Claim(f"{STANDARD}/datamodel/{name}", f"{READ}/test_entities.py::test_every_set_has_its_members")
        for name in ENTITIES
    ),
    Claim(f"{STANDARD}/resource-path/resource-path-to-entities", f"{READ}/test_paths.py::test_every_kind_of_path"),
    Claim(f"{STANDARD}/request-data/order", f"{READ}/test_options.py::test_the_order_of_options"),
    Claim(f"{STANDARD}/request-data/expand", f"{READ}/test_expand.py::test_both_ways_to_write_an_expansion"),
    Claim(f"{STANDARD}/request-data/select", f"{READ}/test_options.py::test_select"),
    Claim(f"{STANDARD}/request-data/orderby", f"{READ}/test_order.py::test_an_order_of_several_terms"),
    Claim(f"{STANDARD}/request-data/top", f"{READ}/test_paging.py::test_top_and_next_link"),
    Claim(f"{STANDARD}/request-data/skip", f"{READ}/test_paging.py::test_skip"),
    Claim(f"{STANDARD}/request-data/count", f"{READ}/test_count.py::test_a_count_is_told_only_when_asked"),
    Claim(f"{STANDARD}/request-data/filter", f"{READ}/test_filter.py::test_every_operator"),
    Claim(f"{STANDARD}/request-data/built-in-filter-operations", f"{READ}/test_filter.py::test_every_operator"),
    Claim(f"{STANDARD}/request-data/built-in-query-functions", f"{READ}/test_functions.py::test_every_function"),
    Claim(f"{STANDARD}/request-data/pagination", f"{READ}/test_paging.py::test_a_walk_loses_and_repeats_nothing"),
    Claim(f"{STANDARD}/multi-datastream", f"{READ}/test_multi.py::test_a_multi_datastream_is_a_view"),
    Claim(f"{STANDARD}/data-array/data-array", f"{READ}/test_formats.py::test_data_array"),
    *(
        Claim(f"{STANDARD}/create-update-delete/{name}", f"{WRITE}/{test}")
        for name, test in (
            ("create-entity", "test_posting.py::test_an_entity_is_made_and_told"),
            ("link-to-existing-entities", "test_posting.py::test_a_datastream_links_what_is_there"),
            ("deep-insert", "test_posting.py::test_a_whole_station_in_one_request"),
            ("deep-insert-status-code", "test_posting.py::test_nothing_stays_of_a_deep_insert_that_fails"),
            ("update-entity", "test_changing.py::test_one_property_changes_and_the_others_stay"),
            ("update-entity-jsonpatch", "test_changing.py::test_json_patch"),
            ("update-entity-put", "test_changing.py::test_put_replaces_and_needs_what_is_mandatory"),
            ("delete-entity", "test_removing_by_request.py::test_one_entity_goes"),
            ("historical-location-auto-creation", "test_posting.py::test_a_new_location_moves_the_thing"),
        )
    ),
    Claim(f"{STANDARD}/batch-request/batch-request", f"{WRITE}/test_batch.py::test_multipart"),
    Claim(JSON_BATCH, f"{WRITE}/test_batch.py::test_references_in_addresses_and_bodies"),
    Claim(f"{OWN}:filtered-delete", f"{WRITE}/test_removing_by_request.py::test_observations_by_filter_in_steps"),
    Claim(f"{OWN}:idempotency-key", f"{WRITE}/test_bounds.py::test_a_repeated_request_is_done_once"),
    Claim(f"{OWN}:aggregation", f"{READ}/test_apply.py::test_figures_by_interval"),
    Claim(f"{OWN}:csv", f"{READ}/test_formats.py::test_csv"),
    Claim(f"{OWN}:geojson", f"{READ}/test_formats.py::test_geojson"),
    Claim(f"{OWN}:select-distinct", f"{READ}/test_options.py::test_distinct"),
    Claim(f"{OWN}:period-functions", f"{READ}/test_functions.py::test_every_function"),
)


def uris() -> list[str]:
    return [claim.uri for claim in CLAIMS]
