"""The `type` of every problem leads somewhere."""

import pytest

from stadtkern.core.problems import Problem, every_kind


@pytest.mark.parametrize("kind", every_kind(), ids=lambda kind: kind.kind)
def test_every_type_is_explained_to_programs_and_to_people(city, visitor, kind):
    address = kind().as_json()["type"]
    told = visitor.get(address, headers={"Accept": "application/json"}).json()["problems"]
    assert [(one["type"], one["status"]) for one in told] == [(address, kind.status)]
    page = visitor.get(address, headers={"Accept": "text/html"}).content.decode()
    assert str(kind.meaning) in page


def test_the_list_names_all_of_them_once(city, visitor):
    told = visitor.get("/api/problems/").json()["problems"]
    assert len({one["type"] for one in told}) == len(told) == len(Problem.__subclasses__()) + 1


def test_an_unknown_kind_is_a_problem_itself(city, visitor):
    answer = visitor.get("/api/problems/none-of-ours")
    assert (answer.status_code, answer.json()["type"]) == (404, "/api/problems/not-found")
    assert visitor.get(answer.json()["type"]).status_code == 200
