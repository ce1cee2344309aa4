"""Public files that guesses are tried on, where this machine has them, and the bars they are held to."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ml.scores.protocol import Spec
from ml.tables import read

LEADS_LATER = (
    "Tags",
    "Lead Quality",
    "Lead Profile",
    "Last Activity",
    "Last Notable Activity",
    "Asymmetrique Activity Index",
    "Asymmetrique Profile Index",
    "Asymmetrique Activity Score",
    "Asymmetrique Profile Score",
    "Prospect ID",
)
"""What sales people wrote down after they knew."""
CHURN = Spec("Churn")
LEADS = Spec("Converted", time="Lead Number", drop=LEADS_LATER)
LATE = Spec("DaysLate", ">0", "InvoiceDate", "customerID", "SettledDate", ("DaysToSettle",))
WINS = Spec("deal_stage", "Won", "engage_date", drop=("close_date", "close_value", "opportunity_id"))


@dataclass(frozen=True)
class Bar:
    """A figure and what it must be: between two numbers, or a word."""

    figure: str
    least: float | None = None
    most: float | None = None
    word: str | None = None

    def met(self, told: dict[str, Any]) -> bool:
        """Whether the figure is there and within."""
        found = told[self.figure]
        if self.word is not None:
            return bool(found == self.word)
        return found is not None and (self.least or float("-inf")) <= found <= (self.most or float("inf"))

    def __str__(self) -> str:
        ends = (f">= {self.least}" if self.least else "", f"<= {self.most}" if self.most else "")
        return self.word or " and ".join(end for end in ends if end)


def table(*path: str) -> pd.DataFrame:
    """The rows of a public file. Raises FileNotFoundError where there is none."""
    file = Path(os.environ.get("LONGHOUSE_TEST_DATA", "")).joinpath(*path)
    if not os.environ.get("LONGHOUSE_TEST_DATA") or not file.is_file():
        raise FileNotFoundError(f"LONGHOUSE_TEST_DATA names no folder that holds {'/'.join(path)}")
    return read(file)


def _scored(spec: Spec, frame: pd.DataFrame) -> dict[str, Any]:
    from ml.scores.protocol import evaluate

    return evaluate(frame, spec).told()


def churn() -> dict[str, Any]:
    """IBM's telecom customers."""
    return _scored(CHURN, table("churn_telco", "Telco-Customer-Churn.csv"))


def leads() -> dict[str, Any]:
    """Leads of an education company, without what was written down later."""
    return _scored(LEADS, table("leads_xeducation", "Leads.csv"))


def late() -> dict[str, Any]:
    """Invoices paid late, with each customer's past."""
    return _scored(LATE, table("finance_ar", "WA_Fn-UseC_-Accounts-Receivable.csv"))


def wins() -> dict[str, Any]:
    """Closed deals, asked about on the day they began: nothing there tells who wins."""
    deals = table("crm_maven", "sales_pipeline.csv")
    return _scored(WINS, deals[deals["deal_stage"].isin(["Won", "Lost"])])


def routing() -> dict[str, Any]:
    """Questions to a bank, 77 kinds, the official split."""
    from ml.scores.routing import evaluate

    return evaluate(table("tickets_banking77", "train.csv"), "text", "category", table("tickets_banking77", "test.csv"))


def tourism() -> dict[str, Any]:
    """Quarterly trips in Australia, 304 series, two years ahead."""
    from ml.forecasts.backtest import evaluate

    trips = table("forecast", "australia_tourism.csv")
    return evaluate(trips, "date_time", "Trips", ("Region", "State", "Purpose"), 8, 4)


PUBLIC: dict[str, tuple[Callable[[], dict[str, Any]], tuple[Bar, ...]]] = {
    "churn": (
        churn,
        (Bar("state", word="ok"), Bar("auc", 0.843, 0.87), Bar("ece", most=0.02), Bar("lift_at_10", 2.7)),
    ),
    "leads": (leads, (Bar("auc", 0.865), Bar("auc_temporal", 0.88))),
    "late payment": (late, (Bar("state", word="ok"), Bar("auc_temporal", 0.84))),
    "wins": (wins, (Bar("state", word="no_signal"),)),
    "routing": (
        routing,
        (Bar("accuracy", 0.905), Bar("coverage_at_95_precision", 0.88), Bar("precision_when_routed", 0.95)),
    ),
    "tourism": (
        tourism,
        (Bar("mase", most=0.93), Bar("coverage_80", 0.74, 0.87), Bar("coverage_95", 0.92, 0.985)),
    ),
}
