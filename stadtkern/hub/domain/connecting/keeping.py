"""Keep a batch: register what is new, record what is fresh, write the log; all of it in one transaction or none.

So a run that is killed stands exactly behind its last batch, and the next one goes on from there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from stadtkern.core import clock
from stadtkern.core.events import emit
from stadtkern.hub.domain.connecting.catalogue import Catalogue
from stadtkern.hub.domain.connecting.novelty import sift
from stadtkern.hub.domain.connecting.port import Batch, Reading, Reject, SourceFault, Strip
from stadtkern.hub.domain.connecting.strips import StripsDone, write_strips
from stadtkern.hub.domain.connection import writing
from stadtkern.hub.domain.recording import UnfitResult, record, sample_of
from stadtkern.hub.domain.store.ids import first_moment
from stadtkern.hub.domain.store.months import FIRST, YEARS_AHEAD
from stadtkern.hub.domain.store.port import Sample, UnknownDatastream
from stadtkern.hub.domain.streams import Stream
from stadtkern.hub.events import FeedSpeaksAgain
from stadtkern.hub.models import Connector, Run
from stadtkern.hub.words import ObservationType, SameMoment

MOST_REJECTS = 100
MOST_REASONS = 50


class RunLost(Exception):
    """Somebody has ended this run in the table, or deleted its source; it must not write any more."""


@dataclass(slots=True)
class Keeper:
    """Writes the batches of one run."""

    connector: Connector
    run: Run
    catalogue: Catalogue
    _earliest: datetime = field(default_factory=lambda: first_moment(FIRST))
    _latest: datetime = field(default_factory=lambda: clock.now() + timedelta(days=365 * YEARS_AHEAD))

    @classmethod
    def of(cls, connector: Connector, run: Run) -> "Keeper":
        return cls(connector, run, Catalogue.of(connector))

    def keep(self, batch: Batch) -> None:
        """Raises RunLost, SourceFault when a datastream vanished meanwhile."""
        try:
            with writing() as connection:
                connection.execute("set local synchronous_commit = off")  # the end of the run waits for the disk
                self._hold()
                has_news = self.catalogue.register(batch)
                strips = self._write_strips(connection, batch)
                samples, rows = self._samples(batch)
                sifted = sift(connection, samples, rows)
                sifted.fresh_rows |= strips.fresh_rows
                sifted.rows_again |= strips.rows_again
                done = record(connection, sifted.fresh)
                tally = Tally(
                    created=strips.created + done.created,
                    corrected=done.corrected + sifted.again,
                    duplicates=strips.duplicates + sifted.duplicates,
                    repeated_rows=sifted.repeated_rows,
                    newest=max([*strips.newest, *(sample.phenomenon_start for sample in done.samples)], default=None),
                )
                self._log(batch, tally)
                self._move_on(batch, tally, has_news)
        except UnknownDatastream as error:
            raise SourceFault(
                _("Eine Messreihe wurde während des Laufs gelöscht; der nächste Lauf legt sie neu an.")
            ) from error

    def _hold(self) -> None:
        """The row stays locked until this batch is there; who would end the run waits for it."""
        state = Run.objects.select_for_update().filter(pk=self.run.pk).values_list("state", flat=True).first()
        if state != Run.State.RUNNING:
            raise RunLost

    def _write_strips(self, connection: Any, batch: Batch) -> StripsDone:
        """What of the strips is not written or known is taken apart into readings."""
        mixed = {reading.series for reading in batch.readings}
        chosen: dict[int, tuple[Stream, Strip]] = {}
        left = []
        for strip in batch.strips:
            stream = self.catalogue.stream(strip.series)
            if stream is None or stream.id in chosen or strip.series in mixed or not self._fits(stream, strip):
                left.append(strip)
            else:
                chosen[stream.id] = stream, strip
        done = write_strips(connection, chosen)
        for strip in [*left, *done.left]:
            batch.readings += [Reading(strip.series, *one) for one in zip(*strip[1:], strict=True)]
        return done

    def _fits(self, stream: Stream, strip: Strip) -> bool:
        is_plain = stream.observation_type == ObservationType.MEASUREMENT and stream.same_moment == SameMoment.CORRECT
        return is_plain and self._earliest <= min(strip.at) and max(strip.at) < self._latest

    def _samples(self, batch: Batch) -> tuple[list[Sample], list[int]]:
        samples, rows = [], []
        series: dict[str, Stream | None] = {}
        for reading in batch.readings:
            key = reading.series
            stream = series[key] if key in series else series.setdefault(key, self.catalogue.stream(key))
            try:
                samples.append(self._sample(stream, reading))
                rows.append(reading.row)
            except UnfitResult as error:
                batch.rejects.append(Reject(reading.row, str(error), f"{key}={reading.value!r}"[:200]))
        return samples, rows

    def _sample(self, stream: Stream | None, reading: Reading) -> Sample:
        if stream is None:
            raise UnfitResult(_("ohne Messreihe"))
        if not self._earliest <= reading.at < self._latest:
            raise UnfitResult(_("Zeitpunkt außerhalb dessen, was gespeichert wird"))
        try:
            return sample_of(
                stream, result=reading.value, start=reading.at, end=reading.end, result_time=reading.result_time
            )
        except UnfitResult as error:
            raise UnfitResult(_("Wert passt nicht zur Art der Messreihe")) from error

    def _log(self, batch: Batch, tally: "Tally") -> None:
        run = self.run
        room = MOST_REJECTS - len(run.rejects)
        run.rejects += [reject._asdict() for reject in batch.rejects[: max(room, 0)]]
        _count(run.reasons, batch.rejects)
        run.rows += batch.rows
        run.rejected += len(batch.rejects)
        for name in ("created", "corrected", "duplicates", "repeated_rows"):
            setattr(run, name, getattr(run, name) + getattr(tally, name))
        run.save(update_fields=[*COUNTED, "rejects", "reasons"])

    def _move_on(self, batch: Batch, tally: "Tally", has_news: bool) -> None:
        """Where the source stands after this batch. A filled gap says nothing about that."""
        changes: dict[str, Any] = {"known": self.connector.known} if has_news else {}
        if batch.position is not None and self.run.cause != Run.Cause.GAP:
            remember(self.connector, batch.position)
        if newest := tally.newest:
            changes["newest_at"] = self.connector.newest_at = max(newest, self.connector.newest_at or newest)
        if (tally.created or batch.is_alive) and self.run.cause != Run.Cause.GAP:
            changes |= {"fresh_at": clock.now(), "silent_since": None}
            if self.connector.silent_since is not None:
                emit(FeedSpeaksAgain(connector_id=self.connector.pk))
                self.connector.silent_since = None
        if changes:
            Connector.objects.filter(pk=self.connector.pk).update(**changes)


def remember(connector: Connector, position: Mapping[str, Any]) -> None:
    """Where the source stands; not of settings that a steward has changed meanwhile: those begin anew."""
    connector.position = {**connector.position, **position}
    unchanged = Connector.objects.filter(pk=connector.pk, changed_at=connector.changed_at)
    unchanged.update(position=connector.position)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What became of a batch. `newest`: the newest moment of what was written."""

    created: int
    corrected: int
    duplicates: int
    repeated_rows: int
    newest: datetime | None


COUNTED = ("rows", "repeated_rows", "created", "corrected", "duplicates", "rejected")


def _count(reasons: dict[str, int], rejects: Sequence[Reject]) -> None:
    for reject in rejects:
        name = reject.reason if reject.reason in reasons or len(reasons) < MOST_REASONS else _("andere Gründe")
        reasons[name] = reasons.get(name, 0) + 1
