"""Fields that a company added to its records itself."""

import json
from collections.abc import Iterator

import numpy as np

from warehouse.demo import chance
from warehouse.demo.choices import Variant
from warehouse.demo.columns import Chunk, chunk, moment, written
from warehouse.demo.presets import Company

FIELDS = (("opportunities", "champion", "Somebody there is for us", "yes_no"),)
LEAKED = (
    ("opportunities", "handover_prepared", "Handover prepared", "yes_no"),
    ("tickets", "solved_by_desk", "Solved by desk", "text"),
)
"""In the leak variant: filled in once the outcome is known."""
_ADDED = -80
"""Days before a company's history when it added its fields."""


def own_field_chunks(company: Company, seed: int) -> Iterator[Chunk]:
    """One row per field that records of the company carry values of."""
    fields = FIELDS + (LEAKED if company.variant is Variant.LEAK else ())
    entity, key, label, kind = (np.array(column, object) for column in zip(*fields, strict=True))
    at = moment(np.full(len(fields), company.started_on + _ADDED), np.full(len(fields), 0.4))
    yield chunk(
        "custom_fields",
        {
            "id": chance.identifiers(seed, "custom_fields", company.key_of("own field", np.arange(len(fields))), at),
            "entity": entity,
            "key": key,
            "label": label,
            "kind": kind,
            "privacy": "business",
            "choices": json.dumps([]),
            "position": np.arange(1, len(fields) + 1),
            **written(at, None),
        },
    )
