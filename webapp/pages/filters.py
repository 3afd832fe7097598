"""What a reader chose to see of a product: days, reviews, and what they are compared with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal

from flask_babel import gettext as _

from storage.scope import Origins, Rival, Scope
from webapp.pages.period import Festival, Period, read_period

YEAR = timedelta(days=364)
PREVIOUS = "previous"
LAST_YEAR = "year"
Compare = Literal["previous", "year"]


@dataclass(frozen=True)
class Offered:
    """What the data allows to choose."""

    first: date
    last: date
    festivals: list[Festival] = field(default_factory=list)
    origins: Origins = field(default_factory=lambda: Origins([], [], 0))
    rivals: list[Rival] = field(default_factory=list)

    @property
    def sources(self) -> list[str]:
        """Sources of reviews, where there is more than one."""
        return self.origins.sources if len(self.origins.sources) > 1 else []

    @property
    def channels(self) -> list[str]:
        """Channels of reviews, where there is more than one."""
        return self.origins.channels if len(self.origins.channels) > 1 else []

    def year_before(self, period: Period) -> tuple[date, date] | None:
        """Return the same days, or the same festival, a year ago; None where no data reaches so far."""
        if period.festival and period.festival.before:
            return period.festival.before
        days = (period.start - YEAR, period.end - YEAR)
        return days if days[1] >= self.first else None


@dataclass(frozen=True)
class Filters:
    """The choice itself; `before` are the days a year ago where those are compared."""

    offered: Offered
    period: Period
    compare: Compare = "previous"
    before: tuple[date, date] | None = None
    rival: Rival | None = None
    source: str | None = None
    channel: str | None = None
    genuine: bool = False

    @property
    def scope(self) -> Scope:
        """Which reviews count."""
        return {"exclude_suspect": self.genuine, "source": self.source, "channel": self.channel}

    @property
    def comparison(self) -> dict[str, Any]:
        """What `storage.overview.kpis` is asked to compare with."""
        return {"compare": self.compare, "before": self.before, "rival": self.rival and self.rival.id}

    @property
    def against(self) -> str:
        """Name what is compared with."""
        if self.rival:
            return self.rival.name
        return _("a year before") if self.compare == LAST_YEAR else _("the period before")

    @property
    def is_plain(self) -> bool:
        """Whether the comparison is with the period before."""
        return self.rival is None and self.compare == PREVIOUS

    @property
    def narrowed(self) -> bool:
        """Whether some reviews do not count."""
        return self.genuine or self.source is not None or self.channel is not None

    @property
    def reviews_args(self) -> dict[str, str]:
        """What an address says of which reviews count."""
        return args_of(self.scope)

    @property
    def compare_args(self) -> dict[str, str]:
        """What an address says of the comparison."""
        chosen = str(self.rival.id) if self.rival else self.compare
        return {} if chosen == PREVIOUS else {"compare": chosen}

    @property
    def args(self) -> dict[str, str]:
        """What an address says of all of it."""
        return self.period.args | self.compare_args | self.reviews_args

    def of_days(self, name: str) -> dict[str, str]:
        """Return the address of the same choice for other days."""
        return {"days": name} | self.compare_args | self.reviews_args


def read_filters(args: Mapping[str, str], offered: Offered) -> Filters:
    """Read the query of an address; what the data does not allow is as if it had not been asked."""
    period = read_period(args, offered.first, offered.last, offered.festivals)
    wanted = args.get("compare", PREVIOUS)
    before = offered.year_before(period) if wanted == LAST_YEAR else None
    return Filters(
        offered=offered,
        period=period,
        compare="year" if before else "previous",
        before=before,
        rival=next((rival for rival in offered.rivals if str(rival.id) == wanted), None),
        genuine=bool(args.get("genuine")) and offered.origins.suspects > 0,
        source=_one_of(args.get("source"), offered.sources),
        channel=_one_of(args.get("channel"), offered.channels),
    )


def read_scope(args: Mapping[str, str]) -> Scope:
    """Read which reviews count, as fragments are asked for."""
    return {
        "exclude_suspect": bool(args.get("genuine")),
        "source": args.get("source"),
        "channel": args.get("channel"),
    }


def args_of(scope: Scope) -> dict[str, str]:
    """Write which reviews count as an address says it."""
    named = {name: value for name, value in scope.items() if isinstance(value, str)}
    return named | ({"genuine": "1"} if scope.get("exclude_suspect") else {})


def _one_of(wanted: str | None, known: list[str]) -> str | None:
    return wanted if wanted in known else None
