"""What people may do with quotes, contracts and signatures."""

from typing import Any

from sqlalchemy import func, select

from warehouse.oltp.sales_quotes import (
    CONTRACT_FLOW,
    QUOTE_FLOW,
    Contract,
    ContractStatus,
    Quote,
    QuoteLine,
    QuoteStatus,
    SignatureEvent,
    SignatureKind,
)
from warehouse.operations.amounts import add_up, price_line
from warehouse.operations.declare import NotAllowedNow, Work, find
from warehouse.operations.numbers import next_number
from warehouse.operations.register import keep, move, note

SUMS = ("subtotal", "tax", "total")


def _number_quote(work: Work, quote: Quote) -> None:
    quote.number = quote.number or next_number(work, Quote, "Q")
    if quote.status not in {QuoteStatus.DRAFT, QuoteStatus.IN_REVIEW}:
        raise NotAllowedNow(f"This quote is {quote.status.label.lower()}; make a new revision of it.")


def _close_quote(work: Work, quote: Quote, _was: QuoteStatus, request: Any) -> None:
    on = request.on or work.today
    if quote.status is QuoteStatus.SENT:
        if not work.session.scalar(_count_lines(quote.id)):
            raise NotAllowedNow("A quote without a line offers nothing; add one before it is sent.")
        quote.issued_on = quote.issued_on or on
    if quote.status in {QuoteStatus.ACCEPTED, QuoteStatus.DECLINED, QuoteStatus.EXPIRED}:
        quote.closed_on = on


def _count_lines(quote_id: str) -> Any:
    return select(func.count(QuoteLine.id)).where(QuoteLine.quote_id == quote_id, QuoteLine.deleted_at.is_(None))


def _price(work: Work, line: QuoteLine) -> None:
    quote = find(work.session, work.actor, Quote, line.quote_id)
    if quote.status is not QuoteStatus.DRAFT:
        raise NotAllowedNow(f"This quote is {quote.status.label.lower()}; only a draft's lines can change.")
    price_line(line)


def _sum_up(work: Work, line: QuoteLine) -> None:
    lines = select(QuoteLine).where(QuoteLine.quote_id == line.quote_id, QuoteLine.deleted_at.is_(None))
    sums = add_up(work.session.scalars(lines))
    quote = find(work.session, work.actor, Quote, line.quote_id)
    work.follow(quote, {"subtotal": sums.subtotal, "tax": sums.tax, "total": sums.total})


def _number_contract(work: Work, contract: Contract) -> None:
    contract.number = contract.number or next_number(work, Contract, "C")
    if contract.status not in {ContractStatus.DRAFT, ContractStatus.SENT} and not contract.deleted_at:
        raise NotAllowedNow(f"This contract is {contract.status.label.lower()}; what was signed does not change.")


def _begin_contract(work: Work, contract: Contract, _was: ContractStatus, request: Any) -> None:
    on = request.on or work.today
    if contract.status is ContractStatus.SIGNED:
        contract.signed_on = on
    if contract.status is ContractStatus.ACTIVE:
        contract.starts_on = contract.starts_on or on
    if contract.status is ContractStatus.TERMINATED:
        contract.ends_on = max(on, contract.starts_on or on)


def _sign(work: Work, event: SignatureEvent) -> None:
    contract = find(work.session, work.actor, Contract, event.contract_id)
    if event.kind is SignatureKind.SIGNED:
        if contract.status not in {ContractStatus.DRAFT, ContractStatus.SENT}:
            raise NotAllowedNow(f"This contract is {contract.status.label.lower()} already.")
        work.follow(contract, {"status": ContractStatus.SIGNED, "signed_on": event.happened_at.date()})


quotes = keep(
    Quote,
    room="sales",
    noun="quote",
    computed=("status", "closed_on", *SUMS),
    filled=("number",),
    fixed=("customer_id",),
    before=_number_quote,
)
quote_lines = keep(
    QuoteLine,
    room="sales",
    noun="quote line",
    parent="quote_id",
    computed=("amount", "tax_amount"),
    before=_price,
    after=_sum_up,
)
move_quote = move(Quote, room="sales", noun="quote", flow=QUOTE_FLOW, after=_close_quote)
contracts = keep(
    Contract,
    room="sales",
    noun="contract",
    computed=("status", "signed_on"),
    filled=("number",),
    fixed=("customer_id",),
    before=_number_contract,
)
move_contract = move(Contract, room="sales", noun="contract", flow=CONTRACT_FLOW, after=_begin_contract)
note_signature = note(
    SignatureEvent, room="sales", noun="signature", parent="contract_id", filled=("happened_at",), after=_sign
)
