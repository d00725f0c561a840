"""Django's sessions in the database, read by a statement that is planned once per connection."""

from typing import Any

from django.contrib.sessions.backends import db
from django.utils import timezone

from stadtkern.core import quick


class SessionStore(db.SessionStore):
    def _get_session_from_db(self) -> Any:
        found = quick.find(self.model, "session_key", self.session_key)
        if found and found[0].expire_date > timezone.now():
            return found[0]
        self._session_key = None
        return None
