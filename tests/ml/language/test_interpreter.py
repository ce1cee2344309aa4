"""Questions in plain words become questions of the semantic layer, or an honest no."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from ml.language.answering import told
from ml.language.english import english
from ml.language.interpreter import interpret
from ml.language.plan import Plan
from ml.language.work import Asking
from tests.houses import House
from tests.ml.conftest import PERSONAL, RESTRICTED, asked_of
from warehouse.metrics.periods import period_of, shifted

Read = Callable[..., Plan]


def asked(plan: Plan) -> dict[str, object]:
    """What of a question is not as if nothing had been said."""
    assert plan.kind == "semantic", plan.reason
    assert plan.question is not None
    told = plan.question.canonical()
    kept = ("metrics", "by", "grain", "where", "excluding", "within", "order", "limit", "each")
    return {name: told[name] for name in kept if told.get(name)}


def test_a_number_is_asked_with_its_filters_its_groups_and_its_days(plan: Read, asking: Asking) -> None:
    read = plan("How many deals did we win last month in Germany by sector?")
    assert asked(read) == {"metrics": ["won_deal_count"], "by": ["sector"], "where": {"country": ["Germany"]}}
    assert read.question is not None
    last = shifted(period_of(asking.as_of, "month"), -1)
    assert (read.question.start, read.question.end) == (last.start, last.end)
    assert read.understood.startswith("Won deals by sector where country is Germany, from ")


def test_every_metric_is_found_by_its_label_and_by_each_synonym(plan: Read, asking: Asking) -> None:
    catalogue = asking.serving.catalogue
    wrong = {
        (name, told): read.question.metrics if (read := plan(f"{told} this year")).question else read.reason
        for name, metric in catalogue.metrics.items()
        for told in (metric.label, *metric.synonyms)
        if not (read := plan(f"{told} this year")).question or read.question.metrics != (name,)
    }
    # `churned` and `churn` may be any of several numbers: the interpreter asks which.
    assert set(wrong) <= {("churned_customers", "churned")}, wrong


def test_english_speaks_only_of_what_the_semantic_layer_has(asking: Asking) -> None:
    catalogue = asking.serving.catalogue
    assert set(english().metrics) <= set(catalogue.metrics)
    assert set(english().dimensions) <= set(catalogue.dimensions)
    assert {name for names in english().ambiguous.values() for name in names} <= set(catalogue.metrics)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("top 5 reps by won value", {"metrics": ["won_value"], "by": ["sales_rep"], "order": "-won_value", "limit": 5}),
        ("Which country has the lowest win rate?", {"metrics": ["win_rate"], "by": ["country"], "order": "win_rate", "limit": 1}),
        ("tickets by month", {"metrics": ["ticket_count"], "grain": "month"}),
        ("weekly tickets", {"metrics": ["ticket_count"], "grain": "week"}),
        ("revenue by country and quarter", {"metrics": ["invoiced_revenue"], "by": ["country"], "grain": "quarter"}),
        ("won and lost deals", {"metrics": ["won_deal_count", "lost_deal_count"]}),
        ("Won value, win rate and average deal size per rep", {"metrics": ["won_value", "win_rate", "avg_won_deal_size"], "by": ["sales_rep"]}),
        ("How long does it take to solve a ticket?", {"metrics": ["avg_resolution_time"]}),
        ("How long does it take us to close a deal?", {"metrics": ["avg_sales_cycle_days"]}),
        ("revenue excluding retail", {"metrics": ["invoiced_revenue"], "excluding": {"sector": ["Retail"]}}),
        ("tickets that are not from email or chat", {"metrics": ["ticket_count"], "excluding": {"channel": ["chat", "email"]}}),
        ("unassigned tickets", {"metrics": ["ticket_count"], "where": {"agent": [None]}}),
        ("deals without a product", {"metrics": ["deal_count"], "where": {"product": [None]}}),
        ("German customers", {"metrics": ["customer_count"], "where": {"country": ["Germany"]}}),
        ("urgent tickets", {"metrics": ["ticket_count"], "where": {"priority": ["critical"]}}),
        ("calls by Rosa", {"metrics": ["activity_count"], "where": {"kind_of_activity": ["call"], "sales_rep": ["Rosa Rasp"]}}),
        ("email vs phone tickets", {"metrics": ["ticket_count"], "by": ["channel"], "where": {"channel": ["email", "phone"]}}),
        ("where do our customers come from?", {"metrics": ["new_customers"], "by": ["acquisition_source"]}),
        ("mrr by plan", {"metrics": ["mrr"], "by": ["product"]}),
        ("tickts by chanel", {"metrics": ["ticket_count"], "by": ["channel"]}),
        ("reveneu by contry", {"metrics": ["invoiced_revenue"], "by": ["country"]}),
    ],
)  # fmt: skip
def test_what_people_say_is_what_the_semantic_layer_is_asked(plan: Read, text: str, told: dict[str, object]) -> None:
    assert asked(plan(text)) == told


def test_a_misspelling_is_told_as_an_assumption(plan: Read) -> None:
    assert "read “reveneu” as “revenue”" in plan("reveneu by contry").assumptions


def test_a_date_of_another_role_bounds_that_date_alone(plan: Read, asking: Asking) -> None:
    read = plan("How many open deals are expected to close next month?")
    coming = shifted(period_of(asking.as_of, "month"), 1)
    assert read.question is not None
    assert read.question.within == {"expected_close_on": (coming.start, coming.end)}
    assert (read.question.start, read.question.metrics) == (None, ("deal_count",))
    assert read.question.where["stage"] == asking.values.stages["is_open"]


def test_arithmetic_is_made_of_the_rows_and_told(plan: Read) -> None:
    share = plan("What percentage of won deals came from retail?")
    assert (share.only, share.shape.made[0].kind) == ({"sector": ("Retail",)}, "share")
    assert asked(plan("What percentage of deals did we win in retail?"))["metrics"] == ["win_rate"]
    assert plan("running total of revenue by month in 2026").shape.made[0].kind == "running"
    counted = plan("how many customers have more than 3 tickets")
    assert (counted.shape.whole, str(counted.shape.having[0].value), asked(counted)["by"]) == (
        "count",
        "3",
        ["customer"],
    )
    assert plan("average revenue per customer").shape.whole == "mean"
    assert plan("top 2 reps per regional office by won value").shape.made[0].within == ("regional_office",)
    assert plan("revenue in Q2 2026 vs Q1 2026").before == "previous"
    assert plan("revenue in Q2 2026 vs Q2 2025").before == "year"


def test_growth_by_periods_sets_each_beside_the_one_before(plan: Read) -> None:
    read = plan("month over month growth of won value in 2025")
    assert read.question is not None
    assert (read.steps, read.question.grain, read.before) == (True, "month", None)
    assert plan("won value in October 2026, month over month").before == "previous"


def test_the_previous_quarter_is_the_one_before_the_quarter_that_was_said(plan: Read) -> None:
    read = plan("won value in Q1 2025 compared with the previous quarter")
    assert (read.before, str(read.question and read.question.start)) == ("previous", "2025-01-01")


def test_a_month_of_a_date_that_looks_ahead_is_the_nearer_one(plan: Read, asking: Asking) -> None:
    coming = shifted(period_of(asking.as_of, "month"), 1)
    read = plan(f"open deals expected to close in {coming.start:%B}")
    assert read.question is not None
    assert read.question.within["expected_close_on"] == (coming.start, coming.end)


def test_customers_without_something_are_told_of_those_that_are_there(plan: Read, asking: Asking) -> None:
    read = plan("customers without tickets this year")
    rows = told(asking.serving, read).table.rows
    there = told(asking.serving, plan("customers")).table.rows[0]["customer_count"]
    some = told(asking.serving, plan("how many customers have tickets this year")).table.rows[0]["count"]
    assert (read.missing, read.among) == ("customer", "retention_rate")
    assert 0 < len(rows) <= there
    assert len(rows) + some >= there


def test_single_records_are_listed_by_size_and_above_a_size(plan: Read) -> None:
    largest = asked(plan("the ten largest open deals"))
    assert (largest["metrics"], largest["each"], largest["limit"]) == (["open_pipeline_value"], True, 10)
    over = plan("How many won deals were over 20k in 2026?")
    assert (asked(over)["each"], over.shape.whole, str(over.shape.having[0].value)) == (True, "count", "20000")


def test_a_text_goes_on_from_the_question_before(plan: Read, asking: Asking) -> None:
    first = plan("How many deals did we win in 2025?")
    second = plan("and in 2026?", first)
    third = plan("by sector", second)
    fourth = plan("what about lost deals?", third)
    assert second.question is not None
    assert (second.question.metrics, second.question.start) == (("won_deal_count",), date(2026, 1, 1))
    assert asked(third) == {"metrics": ["won_deal_count"], "by": ["sector"]}
    assert asked(fourth) == {"metrics": ["lost_deal_count"], "by": ["sector"]}
    assert asked(plan("only retail", fourth))["where"] == {"sector": ["Retail"]}
    assert asked(plan("only won ones", plan("deals this year")))["metrics"] == ["won_deal_count"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("What will revenue be next quarter?", "future"),
        ("revenue next year", "future"),
        ("Why did revenue fall?", "not modelled"),
        ("What is our profit margin?", "not modelled"),
        ("MRR by sales rep", "not modelled"),
        ("Delete all deals", "not modelled"),
        ("How many deals did our interns win?", "not understood"),
        ("deals that were not won", "not understood"),
        ("total value of tickets", "not understood"),
        ("median deal size", "not understood"),
        ("deals lost in negotiation", "not modelled"),
        ("which weekday has the most tickets", "not understood"),
        ("ratio of won to lost deals", "not understood"),
        ("revenue of Gumdropbury", "not understood"),
    ],
)
def test_what_is_not_covered_is_refused_and_says_why(plan: Read, text: str, why: str) -> None:
    read = plan(text)
    assert (read.kind, read.why) == ("unanswerable", why)
    assert read.reason.startswith("I can't answer that, because ")
    assert read.question is None


@pytest.mark.parametrize(
    "text",
    [
        *("What is the churn?", "How are we doing?", "top customers", "revenue from Alder", "revenue growth"),
        *("revenue", "sales", "revenue by retail", "customers by source", "compare Q2 and Q3"),
    ],
)
def test_what_may_mean_several_things_is_asked_back(plan: Read, text: str) -> None:
    read = plan(text)
    assert read.kind == "clarify"
    assert "?" in read.reason


@pytest.mark.parametrize("word", ["purple", "headcount", "margin", "overnight", "unprofitable", "competitor"])
def test_one_word_that_means_nothing_here_is_enough_to_refuse(plan: Read, word: str) -> None:
    for text in ("{} revenue by country", "won deals this year {}", "top 5 reps by {} won value"):
        read = plan(text.format(word))
        assert (read.kind, read.unmatched) == ("unanswerable", (word,)), text


def test_nothing_said_is_asked_back(plan: Read) -> None:
    assert {plan(text).kind for text in ("", "?", "hello", "   ")} == {"clarify"}


def test_names_stay_with_those_who_may_see_them(lived_in: House, asking: Asking) -> None:
    [name, *_] = [value.value for value in asking.values.of_dimension["sales_rep"]]
    assert asked(interpret(asking, f"won deals of {name}"))["where"] == {"sales_rep": [name]}
    without = asked_of("demo", PERSONAL)
    assert interpret(without, f"won deals of {name}").kind == "unanswerable"
    assert name not in str(without.values.whole.keys())


def test_what_may_not_be_seen_is_told_apart_from_what_there_is_not(lived_in: House) -> None:
    without = asked_of("demo", RESTRICTED)
    assert interpret(without, "quota attainment").why == "not permitted"
    assert interpret(without, "profit margin").why == "not modelled"


def test_an_organizations_words_are_its_own(lived_in: House, asking: Asking) -> None:
    ours = {value.value for values in asking.values.of_dimension.values() for value in values}
    other = asked_of("globex")
    theirs = {value.value for value in other.values.of_dimension["product"]}
    assert theirs
    assert not theirs & ours
    [product, *_] = theirs
    assert interpret(asking, f"revenue from {product}").kind == "unanswerable"
    assert interpret(other, f"won deals of {product}").kind == "semantic"


def test_a_day_beyond_today_is_nobodys_past(plan: Read, asking: Asking) -> None:
    assert plan(f"MRR as of {asking.as_of + timedelta(days=3)}").why == "future"
