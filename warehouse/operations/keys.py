"""A new key for everything that is sealed."""

from dataclasses import dataclass

from warehouse.oltp.engine import reading, writing
from warehouse.oltp.sealed import keys_in_use, reseal
from warehouse.secrets import forget_keys, new_current_key


@dataclass(frozen=True)
class Rotation:
    """What a rotation did: how many values, under which key, and the ids of the keys that were dropped."""

    resealed: int
    current: str
    dropped: list[str]


def rotate_sealing_key() -> Rotation:
    """Make a key, seal every value with it in one transaction, and drop the keys nothing uses any more.

    The key before it is kept until the next rotation: another process may be sealing with it at this moment.
    Raises StoreMissing, StoreBusy, KeyMissing.
    """
    with reading():
        current = new_current_key()
    with writing() as session:
        resealed = reseal(session)
    with reading() as session:
        used = keys_in_use(session)
    return Rotation(resealed, current, forget_keys(used))
