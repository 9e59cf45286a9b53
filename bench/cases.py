"""What is rendered: pictures, widths and formats, and how many clients ask at once."""

from dataclasses import dataclass

QUALITY = 80
PICTURES = {
    "photo 6 MP": "photo-6mp.jpg",
    "screenshot 1440×900": "screenshot-1440x900.png",
    "screenshot 3840×2400": "screenshot-3840x2400.png",
}
WIDTHS = (400, 1200)
FORMATS = ("jpeg", "webp")
CONCURRENCIES = (1, 4, 16)


@dataclass(frozen=True)
class Case:
    """One rendition asked of every server: a picture, a width and a format, at quality 80."""

    picture: str
    width: int
    format: str

    @property
    def file(self) -> str:
        """The name of the picture's file."""
        return PICTURES[self.picture]

    def __str__(self) -> str:
        return f"{self.picture} → {self.width} {self.format}"


CASES = tuple(Case(p, w, f) for p in PICTURES for w in WIDTHS for f in FORMATS)


@dataclass(frozen=True)
class Effort:
    """How much is measured: cases, requests of a burst by concurrency, rounds, time allowed.

    ``cost_…`` is for the operations, ``rungs`` are the qualities tried for each format and
    ``judged`` the pictures for which bytes are compared at equal looks.
    """

    cases: tuple[Case, ...]
    rounds: int
    requests: dict[int, int]
    cached_rounds: int
    cached_seconds: int
    uploads: int
    minutes: float
    cost_rounds: int
    cost_requests: int
    cost_minutes: float
    rungs: int
    judged: tuple[str, ...]

    @property
    def copies(self) -> int:
        """How many requests one case gets in all, the uncounted first one included."""
        return 1 + self.rounds * sum(self.requests.values())


FULL = Effort(
    CASES,
    rounds=5,
    requests={1: 6, 4: 12, 16: 32},
    cached_rounds=7,
    cached_seconds=3,
    uploads=5,
    minutes=30,
    cost_rounds=7,
    cost_requests=5,
    cost_minutes=5,
    rungs=5,
    judged=tuple(PICTURES),
)
QUICK = Effort(
    tuple(case for case in CASES if (case.width, case.format) in ((400, "webp"), (1200, "jpeg"))),
    rounds=2,
    requests={1: 2, 4: 4, 16: 16},
    cached_rounds=3,
    cached_seconds=1,
    uploads=2,
    minutes=3,
    cost_rounds=2,
    cost_requests=3,
    cost_minutes=1,
    rungs=3,
    judged=tuple(PICTURES)[:2],
)
