"""Questions about single records: the ten largest open deals, invoices over 10,000, which deals were won."""

from typing import TYPE_CHECKING

from ml.language.english import meanings
from ml.language.plan import clarify, unanswerable
from warehouse.metrics.catalogue import Catalogue, Metric

if TYPE_CHECKING:
    from ml.language.assembly import Draft

BESIDE = (("customer",), ("sales_rep", "agent"), ("stage", "priority", "age"), ("product", "category"))
"""What is told of a record beside its value: of each of these, the first that is known."""


def records_of(draft: "Draft", text: str) -> None:
    """Give every record a row where the question is about records: by size, above a size, or listed. Raises NoPlan."""
    arithmetic, metric = draft.arithmetic, draft.metrics[0]
    if draft.by or arithmetic.grain or draft.is_compared or (draft.counted and not arithmetic.bounds):
        return
    counts_amounts = draft.counts and metric.unit == "money" and not arithmetic.limit
    if not (arithmetic.limit or arithmetic.bounds or counts_amounts or draft.lists):
        return
    catalogue = draft.asking.serving.catalogue
    if arithmetic.limit and draft.asks_when:
        raise clarify(
            text, "By which period: day, week, month, quarter or year?", ("day", "week", "month", "quarter", "year")
        )
    if _record(metric, catalogue) not in draft.said:
        if draft.lists and metric.unit == "count" and not arithmetic.limit and not arithmetic.bounds:
            raise unanswerable(text, f"{metric.label} can be counted, but not listed one by one.", "not modelled")
        return  # the highest of what, must be asked
    if len(draft.metrics) > 1 or not _has_records(metric, catalogue):
        if draft.lists and not arithmetic.limit and not arithmetic.bounds:
            raise unanswerable(text, f"{metric.label} can be counted, but not listed one by one.", "not modelled")
        return
    sized = amount_of(metric, catalogue)
    is_by_size = arithmetic.limit or arithmetic.bounds
    if is_by_size and sized is None:
        raise clarify(text, f"By what measure of {metric.label.lower()}? They carry no amount here.")
    draft.each = True
    draft.metrics = [sized or metric]
    if draft.counts:
        draft.counted = True
    elif arithmetic.bounds and draft.asks_number:
        draft.counted, draft.summed = metric.unit == "count", metric.unit == "money"
    if not (draft.counted or draft.summed):
        known = draft.metrics[0].dimensions
        draft.by = [name for names in BESIDE for name in [next((one for one in names if one in known), "")] if name]


def _record(metric: Metric, catalogue: Catalogue) -> str:
    """How a metric's records are looked up: `deal`; none where what they are called is of several words."""
    [*meant] = meanings(catalogue.record_of(metric.parts[0].model) or "")
    return meant[0] if len(meant) == 1 else ""


def _has_records(metric: Metric, catalogue: Catalogue) -> bool:
    part = metric.parts[0]
    return metric.kind == "simple" and part.is_sum and catalogue.record_of(part.model) is not None


def amount_of(metric: Metric, catalogue: Catalogue) -> Metric | None:
    """The metric that adds up the amounts of the records that this one counts; itself where it adds up money."""
    if metric.unit == "money":
        return metric
    for other in catalogue.metrics.values():
        same = other.parts[0].model == metric.parts[0].model and other.default_time == metric.default_time
        if same and other.unit == "money" and other.kind == "simple" and _filter(other) == _filter(metric):
            return other
    return None


def _filter(metric: Metric) -> object:
    return metric.definition["metric"].get("filter")
