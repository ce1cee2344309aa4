"""An import is taken back as a whole, unless that would lose what people did since."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from warehouse.imports.load import ImportReport
from warehouse.imports.mapping import ImportProblem
from warehouse.imports.undo import undo
from warehouse.oltp.customers import Customer
from warehouse.oltp.engine import reading, writing
from warehouse.oltp.organization import AuditEvent, ChangeEvent, ExternalId, Membership, Organization
from warehouse.oltp.sales import Opportunity, OpportunityLineItem, OpportunityStageChange, Stage
from warehouse.oltp.sales_catalogue import Product
from warehouse.operations.audit_chain import broken_audit_rows
from warehouse.operations.customers import EditCustomer, edit_customer
from warehouse.operations.sales import CreateOpportunity, create_opportunity, stage_history
from warehouse.settings import settings
from warehouse.tenancy import Actor, Forbidden

Import = Callable[..., ImportReport]
KINDS = (Customer, Product, Opportunity, OpportunityLineItem)
WON = ("sales_pipeline.csv", "Engaging,2017-03-01,,", "Won,2017-03-01,2017-04-01,70")
RENAMED = ("accounts.csv", "retail,1999,12.5,140,Norway", "trade,1999,1.25,141,Peru")


def _undo(actor: Actor, report: ImportReport, **options: Any) -> dict[str, int]:
    with writing() as session:
        return undo(session, actor, report.id, **options)


def _living(kind: type[Any]) -> list[Any]:
    with reading() as session:
        return list(session.scalars(select(kind).where(kind.deleted_at.is_(None)).order_by(kind.id)))


def _content(kind: type[Any]) -> list[tuple[Any, ...]]:
    """The living records as people know them."""
    written = {"version", "updated_at", "updated_by", "change_seq"}
    names = [column.name for column in kind.__table__.c if column.name not in written | {"metadata"}]
    return [tuple(getattr(row, name) for name in names) for row in _living(kind)]


def _count(kind: type[Any]) -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(kind)) or 0


def test_what_an_import_made_is_deleted_and_can_be_seen_to_have_been_there(bring: Import, ana: Actor) -> None:
    counts = _undo(ana, bring())
    assert counts["customers"] == 3
    assert [len(_living(kind)) for kind in KINDS] == [0, 0, 0, 0]
    assert _count(Customer) == 3
    assert [member.name for member in _living(Membership)] == ["The owner"]


def test_what_an_import_changed_is_as_it_was(bring: Import, ana: Actor) -> None:
    bring()
    before = [_content(kind) for kind in KINDS]
    changed = bring(RENAMED, WON, ("sales_pipeline.csv", "A2,Robin Reed,Kite One", "A2,Robin Reed,GTX Pro"))
    assert [_content(kind) for kind in KINDS] != before
    _undo(ana, changed)
    assert [_content(kind) for kind in KINDS] == before


def test_undoing_is_one_audit_row_and_one_change_event(bring: Import, ana: Actor) -> None:
    report = bring()
    before = _count(AuditEvent), _count(ChangeEvent)
    _undo(ana, report)
    assert (_count(AuditEvent), _count(ChangeEvent)) == (before[0] + 1, before[1] + 1)
    with reading() as session:
        assert broken_audit_rows(session, ana.organization_id) == []
        last = session.scalars(select(AuditEvent).order_by(AuditEvent.position.desc())).first()
    assert last is not None
    assert (last.operation, last.details["import"]) == ("organization.undo_import", report.id)


def test_every_record_taken_back_reaches_the_lake_with_the_next_copy(bring: Import, ana: Actor) -> None:
    report = bring()
    _undo(ana, report)
    with reading() as session:
        seq = session.scalar(select(func.max(ChangeEvent.seq)))
        assert {seq} == {customer.change_seq for customer in session.scalars(select(Customer))}


def test_the_same_files_again_bring_everything_back(bring: Import, ana: Actor) -> None:
    first = bring()
    _undo(ana, first)
    assert _count(ExternalId) == 0
    again = bring()
    assert again.written == first.written
    assert len(_living(Opportunity)) == 4
    assert bring().written == {}


def test_a_changed_file_again_changes_the_same_records_again(bring: Import, ana: Actor) -> None:
    bring()
    report = bring(WON, RENAMED)
    ids = {deal.id for deal in _living(Opportunity)}
    _undo(ana, report)
    again = bring(WON, RENAMED)
    assert again.written == report.written
    assert {deal.id for deal in _living(Opportunity)} == ids
    assert [deal.stage for deal in _living(Opportunity) if deal.name == "Kite One"] == [Stage.CLOSED_WON]


def test_a_deal_that_climbed_by_the_import_stands_where_its_history_ends(bring: Import, ana: Actor) -> None:
    bring()
    report = bring(WON)
    _undo(ana, report)
    (deal,) = [deal for deal in _living(Opportunity) if deal.name == "Kite One"]
    with reading() as session:
        steps = stage_history(session, ana, deal.id)
    assert (deal.stage, steps[-1].to_stage, steps[-1].from_stage) == (
        Stage.QUALIFIED,
        Stage.QUALIFIED,
        Stage.CLOSED_WON,
    )
    assert steps[-1].changed_on == steps[0].changed_on
    bring(WON)
    with reading() as session:
        assert stage_history(session, ana, deal.id)[-1].to_stage is Stage.CLOSED_WON


def test_history_of_what_the_import_made_belongs_to_deleted_deals_only(bring: Import, ana: Actor) -> None:
    _undo(ana, bring())
    with reading() as session:
        deleted = set(session.scalars(select(Opportunity.id).where(Opportunity.deleted_at.is_not(None))))
        assert set(session.scalars(select(OpportunityStageChange.opportunity_id))) <= deleted


def _edit(ana: Actor) -> None:
    pebble = next(customer for customer in _living(Customer) if customer.name == "Pebble & Sons")
    with writing() as session:
        edit_customer(session, ana, EditCustomer(id=pebble.id, version=pebble.version, title="Roofers"))


def test_what_people_changed_since_is_counted_and_nothing_is_undone(bring: Import, ana: Actor) -> None:
    report = bring()
    _edit(ana)
    with pytest.raises(ImportProblem, match=r"1 of its records were changed since \(1 customers\)"):
        _undo(ana, report)
    assert len(_living(Customer)) == 3


def test_what_people_made_for_its_records_is_counted(bring: Import, ana: Actor) -> None:
    report = bring()
    with writing() as session:
        create_opportunity(session, ana, CreateOpportunity(name="Roof", customer_id=_living(Customer)[0].id))
    with pytest.raises(ImportProblem, match=r"1 made since refer to its records \(1 opportunities\)"):
        _undo(ana, report)


def test_force_takes_it_back_all_the_same(bring: Import, ana: Actor) -> None:
    report = bring()
    _edit(ana)
    _undo(ana, report, force=True)
    assert _living(Customer) == []


def test_a_later_import_of_the_same_records_comes_first(bring: Import, ana: Actor) -> None:
    first, second = bring(), bring(RENAMED)
    with pytest.raises(ImportProblem, match="Undo later imports first"):
        _undo(ana, first)
    _undo(ana, second)
    _undo(ana, first)
    assert _living(Customer) == []


def test_an_edit_between_two_imports_is_still_seen_when_the_later_one_is_undone(bring: Import, ana: Actor) -> None:
    first = bring()
    _edit(ana)
    _undo(ana, bring(RENAMED))
    with pytest.raises(ImportProblem, match="1 of its records were changed since"):
        _undo(ana, first)


def test_an_import_is_undone_once(bring: Import, ana: Actor) -> None:
    report = bring()
    _undo(ana, report)
    with pytest.raises(ImportProblem, match="was taken back already"):
        _undo(ana, report)


@pytest.mark.parametrize("import_id", ["", "20260101-000000-0000", "../imports", "/etc"])
def test_an_import_nobody_knows_is_a_sentence(bring: Import, ana: Actor, import_id: str) -> None:
    with pytest.raises(ImportProblem, match="There is no import"), writing() as session:
        undo(session, ana, import_id)


def test_another_organizations_import_is_not_found(bring: Import, bob: Actor) -> None:
    report = bring()
    with pytest.raises(ImportProblem, match="There is no import"):
        _undo(bob, report)
    assert len(_living(Customer)) == 3


def test_an_import_that_never_was_committed_is_not_found(
    bring: Import, ana: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr("warehouse.imports.load.keep_record", _failing_after_writing(told))
    with pytest.raises(OSError, match="disk"):
        bring()
    monkeypatch.undo()
    with pytest.raises(ImportProblem, match="There is no import"), writing() as session:
        undo(session, ana, told[0])


def _failing_after_writing(told: list[str]) -> Callable[..., None]:
    from warehouse.imports.record import keep_record

    def keep(session: Any, import_id: str, *rest: Any) -> None:
        keep_record(session, import_id, *rest)
        told.append(import_id)
        raise OSError("disk")

    return keep


def test_a_viewer_may_not_undo(bring: Import, vic: Actor) -> None:
    report = bring()
    with pytest.raises(Forbidden):
        _undo(vic, report)


def test_the_record_is_for_the_owner_of_the_folder_alone_and_names_no_path(bring: Import, acme: Organization) -> None:
    report = bring()
    path = settings().home / "imports" / report.id / "import.json"
    assert (path.stat().st_mode & 0o077, path.parent.stat().st_mode & 0o077) == (0, 0)
    assert str(settings().home) not in path.read_text()
    assert json.loads(path.read_text())["organization_id"] == acme.id


def test_nothing_written_leaves_nothing_to_undo(bring: Import, tmp_path: Path) -> None:
    bring()
    report = bring()
    assert not (settings().home / "imports" / report.id).exists()


def test_a_dry_run_leaves_nothing_to_undo(bring: Import, ana: Actor) -> None:
    report = bring(dry_run=True)
    with pytest.raises(ImportProblem, match="There is no import"):
        _undo(ana, report)
