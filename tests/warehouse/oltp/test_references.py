"""What a load points at is there when it ends, in the organization that owns the row, or nothing of it stays."""

from pathlib import Path

import pytest

import warehouse.oltp.projection  # noqa: F401 - the metadata is complete only when every room is imported
from warehouse.oltp.attached import own
from warehouse.oltp.base import Base
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.filling import filling
from warehouse.oltp.organization import ExternalId, Membership
from warehouse.oltp.references import (
    DanglingReference,
    Reference,
    hold_elsewhere,
    note_elsewhere,
    references,
)
from warehouse.tenancy import Actor

pytestmark = pytest.mark.embedded


def test_every_foreign_key_is_a_reference_but_the_one_to_the_organization() -> None:
    assert Reference("customer_id", "customers") in references(Base.metadata.tables["opportunities"])
    assert Reference("user_id", "users") in references(Base.metadata.tables["memberships"])
    for table in Base.metadata.tables.values():
        named = {one.column for one in references(table)}
        kept = {element.parent.name for key in table.foreign_key_constraints for element in key.elements}
        assert named == kept - {"organization_id"}


def test_a_row_elsewhere_must_be_there_in_the_same_organization(ana: Actor, bob: Actor) -> None:
    def held(*named: tuple[int, str]) -> None:
        with writing() as session:
            for owner, actor in ((1, ana), (2, bob)):
                own(session, owner, actor.organization_id, 1)
            note_elsewhere(session, "memberships", named)
            hold_elsewhere(session)

    mine, theirs = str(ana.membership_id), str(bob.membership_id)
    held()
    held((1, mine), (2, theirs))
    for foreign in ((1, theirs), (2, mine), (1, "nobody")):
        with pytest.raises(DanglingReference, match=foreign[1]):
            held((1, mine), foreign)


def test_a_row_that_points_at_nothing_undoes_a_filling(store: Path) -> None:
    def fill() -> None:
        with filling() as session:
            session.add(
                ExternalId(
                    organization_id="nobody", source="tests", entity="customers", source_key="1", record_id="1",
                    content_hash="a" * 64,
                )
            )  # fmt: skip

    with pytest.raises(DanglingReference, match="external_ids"):
        fill()
    with reading() as session:
        assert session.query(ExternalId).count() == 0
        assert session.query(Membership).count() == 0
