"""/api/v1 keeps what its OpenAPI document promises: schemathesis asks it all kinds of things."""

import pytest
from hypothesis import HealthCheck, settings

from stadtkern.config.api import api

schemathesis = pytest.importorskip("schemathesis")

OURS = r"^/api/v1/(reports|categories)"
PARAMETERS = {"max_examples": 20, "deadline": None, "derandomize": True, "database": None}


DOCUMENT = api.get_openapi_schema(path_prefix="/api/v1/")
CONFIG = schemathesis.Config.from_dict({"phases": {"coverage": {"enabled": False}}})
schema = schemathesis.openapi.from_dict(DOCUMENT, config=CONFIG).include(path_regex=OURS)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@schema.parametrize()
@settings(**PARAMETERS, suppress_health_check=list(HealthCheck))
def test_every_answer_is_one_that_was_promised(case, live_server, filed):
    filed()
    checks = schemathesis.checks
    response = case.call(base_url=live_server.url)
    if "Cannot parse request body" in response.text:  # ninja's own words, before our code is asked
        assert response.status_code == 400
        return
    case.validate_response(
        response,
        checks=[
            checks.not_a_server_error,
            checks.status_code_conformance,
            checks.content_type_conformance,
            checks.response_schema_conformance,
        ],
    )
