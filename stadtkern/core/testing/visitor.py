"""A browser for tests that looks at every full page it is given."""

from typing import Any

from django.test import Client

from stadtkern.core.testing.page import check_page


class Visitor(Client):
    def request(self, **given: Any) -> Any:
        response = super().request(**given)
        if response.get("Content-Type", "").startswith("text/html") and not response.streaming:
            start = response.content[:40].lstrip().lower()
            if start.startswith(b"<!doctype") and b"<title>empty" not in start:
                check_page(response.content.decode())
        return response

    def signed_in(self, person: Any) -> "Visitor":
        """A visitor of their own for this person."""
        other = Visitor()
        other.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return other
