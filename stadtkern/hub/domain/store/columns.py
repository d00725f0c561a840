"""The columns of hub_observation, in the order of every COPY, export and file."""

COLUMNS = (
    "datastream_id, phenomenon_start, slot, id, phenomenon_end, result_time, number, feature_id, flags, "
    "valid_start, valid_end, text, json, quality, parameters"
)
