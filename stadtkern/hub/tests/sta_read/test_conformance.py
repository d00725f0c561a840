"""What the root document claims is proved by a test that is there."""

import ast
from pathlib import Path

import pytest

from stadtkern.hub.api.sta.conformance import CLAIMS, Claim

PROJECT = Path(__file__).resolve().parents[4]


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.uri.rsplit("/", 1)[-1])
def test_every_claim_has_its_test(claim: Claim) -> None:
    file, name = claim.test.split("::")
    tree = ast.parse((PROJECT / file).read_text())
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_no_claim_is_made_twice() -> None:
    uris = [claim.uri for claim in CLAIMS]
    assert len(uris) == len(set(uris))
