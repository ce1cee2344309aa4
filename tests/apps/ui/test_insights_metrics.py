"""Metrics and the catalogue: what a number means, what it is made from, and what stands on a table."""

from streamlit.testing.v1 import AppTest

from apps.ui import answers
from apps.ui.parts.inventories import whole_inventory
from apps.ui.parts.lineage import diagram
from apps.ui.parts.metric_words import formula_in_words, timing_in_words
from tests.apps.ui.conftest import OLIVE, VERA, Screens, texts
from warehouse.metrics.inventory import Inventory, Kind
from warehouse.metrics.serving import serving_as

METRICS, CATALOGUE = "insights_metrics", "insights_catalogue"


def said(screen: AppTest) -> str:
    assert not screen.error, [one.value for one in screen.error]
    return texts(screen).replace("\\", "")


def there(screens: Screens, who: str = OLIVE) -> Inventory:
    actor = screens.signed_in(who, "demo").actor
    assert actor is not None
    return whole_inventory(actor, serving_as(actor))


def linked(screen: AppTest) -> list[str]:
    return [f"{one.proto.page} {one.proto.query_string} {one.proto.label}" for one in screen.get("page_link")]


def test_every_metric_is_listed_and_can_be_looked_for_by_another_name(screens: Screens) -> None:
    screen = screens.open(METRICS, OLIVE)
    actor = screens.signed_in(OLIVE, "demo").actor
    assert actor is not None
    assert set(screen.dataframe[0].value["Metric"]) == {one.label for one in answers.catalogue(actor).metrics.values()}
    found = screens.open(METRICS, OLIVE, find="bookings").dataframe[0].value
    assert list(found["Metric"]) == ["Won"]
    assert "No metric is called that" in texts(screens.open(METRICS, OLIVE, find="weather in Oslo"))


def test_a_metric_tells_its_definition_its_checks_and_where_it_is_used(screens: Screens) -> None:
    screen = screens.open(METRICS, OLIVE, metric="win_rate")
    told = said(screen)
    assert "“Won deals” ÷ “Closed deals”" in told
    assert "close rate" in told
    assert "checks pass" in " ".join(one.label for one in screen.get("expander")) or "checks" in told
    links = linked(screen)
    assert any("metric=Win+rate" in one or "metric=Win%20rate" in one for one in links), "the way to Explore"
    assert any("thing=fct_opportunities" in one for one in links)
    assert any("board=sales" in one for one in links)


def test_a_formula_says_what_is_added_up_and_when(screens: Screens) -> None:
    actor = screens.signed_in(OLIVE, "demo").actor
    assert actor is not None
    known = answers.catalogue(actor)
    for metric in known.metrics.values():
        assert formula_in_words(known, metric)
        assert timing_in_words(known, metric)
        assert "{{" not in formula_in_words(known, metric)
    assert formula_in_words(known, known.metrics["won_value"]).endswith("of deals, only where “is won”")
    assert "not “is open”" in formula_in_words(known, known.all_metrics["closed_deal_count"])


def test_a_metric_that_is_none_says_the_nearest(screens: Screens) -> None:
    screen = screens.open(METRICS, OLIVE, metric="win_rat")
    assert "win_rate" in screen.error[0].value


def test_what_one_does_not_see_is_not_there(screens: Screens) -> None:
    vera, olive = there(screens, VERA).entries, there(screens).entries
    hidden = {one for one in olive if one.startswith("metric.")} - {one for one in vera if one.startswith("metric.")}
    actor = screens.signed_in(OLIVE, "demo").actor
    assert actor is not None
    restricted = {
        f"metric.{one.name}" for one in answers.catalogue(actor).metrics.values() if one.privacy == "restricted"
    }
    assert hidden == restricted


def test_lineage_leads_from_the_store_to_a_dashboard(screens: Screens) -> None:
    everything = there(screens)
    assert "raw.opportunities" in everything.above("metric.won_value")
    below = everything.below("raw.opportunities")
    assert {"fct_opportunities", "metric.won_value", "dashboard.sales"} <= set(below)
    assert not set(everything.above("raw.opportunities"))
    for entry in everything.entries.values():
        if entry.kind is not Kind.STORE:
            assert not set(everything.above(entry.key)) & set(everything.below(entry.key)), (
                f"{entry.key} goes in circles"
            )


def test_a_drawing_has_every_step_once_and_stays_small(screens: Screens) -> None:
    everything = there(screens)
    for key in ("raw.opportunities", "fct_opportunities", "metric.win_rate", "dashboard.sales"):
        lines = diagram(everything, everything.entries[key]).splitlines()
        assert len(lines) == len(set(lines))
        assert sum('["' in line for line in lines) <= 40
        assert any("chosen" in line and "-->" in line for line in lines)


def test_the_catalogue_finds_a_column_and_opens_its_table(screens: Screens) -> None:
    found = screens.open(CATALOGUE, OLIVE, find="stage_position").dataframe[0].value
    assert "dim_stages" in set(found["Name"])
    screen = screens.open(CATALOGUE, OLIVE, thing="raw.contacts")
    columns = screen.dataframe[0].value
    assert dict(zip(columns["Column"], columns["Tag"], strict=True))["email"] == "personal"
    assert "Identifies people" in said(screen)
    assert any("thing=" in one for one in linked(screen))


def test_a_thing_that_is_none_is_told_so(screens: Screens) -> None:
    assert "no such thing" in said(screens.open(CATALOGUE, OLIVE, thing="raw.nothing"))


OWN = """\
name: services_won
label: Won, services
description: What was won in services.
unit: money
metric: won_value
where: {sector: [services]}
"""


def _form() -> None:
    """The dialog by itself: a tested screen forgets one with the next click."""
    import streamlit

    from apps.ui.parts.own_metrics import ask_away, ask_changes, ask_new
    from warehouse.metrics.serving import serving_as
    from warehouse.oltp.engine import reading_as
    from warehouse.operations.metrics import metrics_of

    actor, what = streamlit.session_state["actor"], streamlit.session_state["what"]
    with reading_as(actor) as session:
        kept = {one.name: one for one in metrics_of(session, actor)}.get("services_won")
    if what == "new":
        ask_new(actor, serving_as(actor))
    elif what == "change" and kept:
        ask_changes(actor, serving_as(actor), kept)
    elif kept:
        ask_away(actor, kept)


def _dialog(screens: Screens, what: str, text: str = "") -> AppTest:
    screen = AppTest.from_function(_form, default_timeout=60)
    screen.session_state["actor"], screen.session_state["what"] = screens.signed_in(OLIVE, "demo").actor, what
    screen.run()
    if text:
        screen.text_area[0].set_value(text)
    [done] = [one for one in screen.button if one.label in {"Save", "Put away"}]
    return done.click().run()


def test_a_number_of_ones_own_is_defined_changed_and_put_away_on_its_page(working_screens: Screens) -> None:
    wrong = _dialog(working_screens, "new", OWN.replace("won_value", "won_valve")).error[0].value
    assert "Nearest: won_value" in wrong.replace("\\", "")
    assert "Line 2" in _dialog(working_screens, "new", "name: x\n  label: [").error[0].value
    assert not _dialog(working_screens, "new", OWN).error
    screen = working_screens.open(METRICS, OLIVE, metric="services_won")
    assert "sector in ('services')" in said(screen)
    assert {"Change", "Put away"} <= {one.label for one in screen.button}
    assert "Change" not in {one.label for one in working_screens.open(METRICS, VERA, metric="services_won").button}
    assert not _dialog(working_screens, "change", OWN.replace("[services]", "[retail]")).error
    assert "sector in ('retail')" in said(working_screens.open(METRICS, OLIVE, metric="services_won"))
    _dialog(working_screens, "away")
    gone = working_screens.open(METRICS, OLIVE, metric="services_won")
    assert "no metric" in gone.error[0].value


def test_whoever_may_not_define_is_not_asked_to(screens: Screens) -> None:
    assert "define_metric" not in [one.key for one in screens.open(METRICS, VERA).button]
