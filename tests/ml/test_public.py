"""Public files reach the bars that are promised for their kinds."""

import pytest

from ml.scores.protocol import Spec, evaluate
from tests.ml.public import LATE, PUBLIC, table

pytestmark = pytest.mark.slow


# Routing texts and refusing permuted outcomes take minutes: `make bench-ml` holds those.
@pytest.mark.parametrize("name", [name for name in PUBLIC if name != "routing"])
def test_a_public_file_reaches_its_bars(name: str) -> None:
    try:
        told = PUBLIC[name][0]()
    except FileNotFoundError as absent:
        pytest.skip(str(absent))
    assert [f"{bar.figure} {told[bar.figure]}, bar {bar}" for bar in PUBLIC[name][1] if not bar.met(told)] == []


def test_lateness_is_learnt_from_earlier_outcomes_of_the_same_customer() -> None:
    try:
        invoices = table("finance_ar", "WA_Fn-UseC_-Accounts-Receivable.csv")
    except FileNotFoundError as absent:
        pytest.skip(str(absent))
    # Whether an invoice was disputed is not known on its day: left out here, the bar holds without it.
    told = evaluate(invoices, Spec(LATE.target, ">0", LATE.time, LATE.subject, LATE.known, (*LATE.drop, "Disputed")))
    alone = evaluate(invoices, Spec(LATE.target, ">0", LATE.time, None, LATE.known, (*LATE.drop, "Disputed")))
    assert told.auc_temporal is not None
    assert alone.auc_temporal is not None
    assert told.auc_temporal >= 0.84
    assert told.auc_temporal - alone.auc_temporal >= 0.05
