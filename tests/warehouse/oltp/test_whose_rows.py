"""Every table says whose its rows are; a look at the declarations, for which no store is needed."""

import pytest

from warehouse.oltp.base import Base, OfInstallation, OfOrganization, PerhapsOfOrganization
from warehouse.oltp.organization import Organization, User
from warehouse.oltp.projection import ROOMS

assert ROOMS
MAPPED = [mapper.class_ for mapper in Base.registry.mappers]
MARKERS = (OfOrganization, PerhapsOfOrganization, OfInstallation)


@pytest.mark.parametrize("kind", MAPPED, ids=lambda kind: kind.__tablename__)
def test_every_table_says_whose_its_rows_are(kind: type) -> None:
    """The marker and the column agree; organizations and users are known by what they are."""
    markers = [marker for marker in MARKERS if issubclass(kind, marker)]
    if kind in {Organization, User}:
        assert markers == []
        return
    [marker] = markers
    column = Base.metadata.tables[kind.__tablename__].c.get("organization_id")  # type: ignore[attr-defined]
    if marker is OfOrganization:
        assert column is not None
        assert not column.nullable
    elif marker is PerhapsOfOrganization:
        assert column is not None
        assert column.nullable
