"""What a sound tool answers to a damaged file: the exit statuses that are right for each command.

Statuses (docs/errors.md): 0 done or clean, 1 failed, 2 usage, 3 findings, 4 could not check, 5 refused.
"""

import dataclasses

OK, FAIL, EITHER = "ok", "fail", "either"


@dataclasses.dataclass(frozen=True)
class Verdict:
    verify: frozenset
    status: frozenset
    restore: str  # plain restore
    skip: str     # with --skip-hash-check
    place: bool = True  # the message must say where

    def fields(self):
        return {"verify": sorted(self.verify), "status": sorted(self.status), "restore": self.restore,
                "skip": self.skip, "place": self.place}


def _verdict(verify, status, restore, skip, place=True):
    return Verdict(frozenset(verify), frozenset(status), restore, skip, place)


SOUND = _verdict({0}, {0}, OK, OK)
# No trailer, the db itself is whole: only --skip-hash-check may take it.
BARE = _verdict({0, 3}, {0, 3}, FAIL, OK, place=False)
# Only the trailer tells; without it the file may be taken.
HASH = _verdict({3}, {3}, FAIL, EITHER, place=False)
# Structure is broken: nothing may be built from it, trailer or not.
BROKEN = _verdict({3}, {3}, FAIL, FAIL)
# Content of the key bucket is broken, pages are fine.
CONTENT = _verdict({3}, {3}, FAIL, FAIL)
# Content of another bucket: status only hashes it.
OTHER = _verdict({3}, {0, 3}, FAIL, FAIL)
# Damage that a rebuild leaves behind: a finding, and a restore may go on.
CURED = _verdict({3}, {0, 3}, OK, OK)
CURED_OR_REFUSED = _verdict({3}, {0, 3}, EITHER, EITHER)
# Suspicious, not proven: refused unless accepted.
SUSPECT = _verdict({3}, {0, 3}, FAIL, FAIL)
# Another kind of file altogether.
NOT_A_DB = _verdict({3, 4}, {3, 4}, FAIL, FAIL, place=False)
# The file cannot be read at all.
UNREADABLE = _verdict({1, 3, 4, 5}, {1, 3, 4, 5}, FAIL, FAIL, place=False)
# etcd reads it, a careful tool may object.
TASTE = _verdict({0, 3}, {0, 3}, EITHER, EITHER, place=False)
