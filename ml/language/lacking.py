"""Those that have nothing: reps without a won deal this week, customers who have not been called for a year."""

from typing import TYPE_CHECKING

from ml.language.english import english
from ml.language.plan import unanswerable

if TYPE_CHECKING:
    from ml.language.assembly import Draft


def lacking_of(draft: "Draft", text: str) -> str | None:
    """The dimension whose values without any of the number are asked for. Raises NoPlan."""
    if not draft.missing:
        return None
    metric = draft.metrics[0]
    if len(draft.by) != 1 or draft.grain or len(draft.metrics) > 1:
        raise unanswerable(text, "what has nothing can be told of one kind of group at a time.", "not modelled")
    label = draft.asking.serving.catalogue.dimensions[draft.by[0]].label.lower()
    if _there(draft):
        draft.notes.append(f"of each {label} that is there today")
        return draft.by[0]
    if metric.is_stock or not (draft.start or draft.end):
        raise unanswerable(
            text, f"which {label}s there are that never had any {metric.label.lower()} is not modelled.", "not modelled"
        )
    draft.notes.append(f"each {label} that has some at other times, and none in these days")
    return draft.by[0]


def among_of(draft: "Draft", lacking: str | None) -> str | None:
    """The share that tells who of them is there; None where whoever had some once is meant."""
    return _there(draft) if lacking else None


def _there(draft: "Draft") -> str | None:
    """The share that is one of the values of the dimension that are still there, where it is known by all that is said."""
    name, metrics = english().there.get(draft.by[0]), draft.asking.serving.catalogue.metrics
    said = {draft.by[0], *draft.where, *draft.excluding, *draft.within}
    return name if name in metrics and said <= set(metrics[name].dimensions) else None
