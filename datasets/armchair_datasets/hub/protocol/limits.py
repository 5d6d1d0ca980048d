"""The limits of what one hub takes in. Everything above is refused with a sentence that says the limit."""

from dataclasses import dataclass

from armchair_datasets.hub.protocol.errors import HubError

MIB, GIB = 2**20, 2**30


@dataclass(frozen=True)
class Limits:
    """All sizes in bytes, what ends in `_s` in seconds, `pace` in bytes a second.

    `inline` is the largest file that travels in the body of a commit (see `routes/write.py`): the stock client then
    needs memory for three times its size, the hub for none. `reserve` stays free on the disk.
    """

    request: int = 8 * MIB  # a request that carries no files
    commit: int = 8 * GIB  # the body of one commit, with the files that travel in it
    commit_files: int = 20_000
    inline: int = GIB
    file: int = 16 * GIB
    repo: int = 50 * GIB  # all of its commits together
    total: int = 200 * GIB
    reserve: int = GIB
    home: int = 100 * GIB  # all repos of one student together
    repos: int = 500  # of one student
    uploads: int = 64  # at the same time
    uploads_each: int = 16  # of these, from one address elsewhere: huggingface_hub sends five files at once
    stall_s: float = 60.0  # without a byte from a client that is sending files
    short_stall_s: float = 5.0  # or anything else
    pace: int = 2**10  # a body that comes slower than this, after the first `stall_s`, is not waited for

    def check_file(self, size: int, limit: int | None = None) -> None:
        """Raise HubError for a file of `size` bytes if it is above `limit` (None: that of files)."""
        limit = self.file if limit is None else limit
        if size > limit:
            raise HubError(413, f"a file is larger than {in_words(limit)}, the most that this hub takes in this way.")

    def check_repo(self, size: int) -> None:
        """Raise HubError for what would make a repo hold `size` bytes."""
        if size > self.repo:
            raise HubError(507, f"the repo would grow above {in_words(self.repo)}: ask the teacher for room.")

    def check_home(self, size: int, repos: int) -> None:
        """Raise HubError for what would make a student's repos hold `size` bytes, or be so many."""
        if size > self.home:
            raise HubError(507, f"your repos would grow above {in_words(self.home)}: ask the teacher for room.")
        if repos > self.repos:
            raise HubError(507, f"you have {self.repos} repos, the most that a student has here: use one of them.")

    def check_total(self, size: int, free: int) -> None:
        """Raise HubError for what would make the hub hold `size` bytes with `free` bytes left on its disk."""
        if size > self.total:
            raise HubError(507, f"this hub is full, it holds {in_words(self.total)}: ask the teacher for room.")
        if free < self.reserve:
            raise HubError(
                507, f"the hub's disk has less than {in_words(self.reserve)} left: ask the teacher for room."
            )


def in_words(size: int) -> str:
    """Return a number of bytes for people: 1536 -> '1.5 KiB'."""
    value, units = float(size), iter(("B", "KiB", "MiB", "GiB", "TiB"))
    unit = next(units)
    while value >= 1024 and unit != "TiB":
        value, unit = value / 1024, next(units)
    return f"{value:.3g} {unit}" if value < 1000 else f"{value:.0f} {unit}"
