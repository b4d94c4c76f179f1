"""The mathematics that must hold between published tables, as pure functions.

Belongs here: rules that need more than one table, or more than one row, to state - sums,
conservation, ranges, coverage - and their list. Does not belong here: the range of one column
(`expectations.published`), keys and relations (dbt tests), and anything that reads a file.

Each function takes the published tables and what they are judged by, and returns one result. It
counts the groups that it judged; zero groups is a failure. Energy is in MWh, emissions in kg CO2,
factors in kgCO2/kWh, so `co2_kg = factor * energy_mwh * 1000`.
"""

from __future__ import annotations

import polars as pl

from expectations.check_result import CheckResult
from expectations.invariants.background import (
    aggregated_scores_follow_from_inventories,
    contributions_make_the_score,
    contributors_are_enough,
    emissions_are_positive_and_uptake_negative,
    figures_are_rounded,
    hidden_datasets_have_no_figure,
    no_text_names_a_rule,
    open_scores_follow_from_exchanges,
)
from expectations.invariants.claims import (
    attributes_net_to_zero,
    claims_and_residual_are_the_total,
    claims_within_generation,
    residual_factor_agrees_with_balance,
)
from expectations.invariants.comparisons import compared_bases_are_the_published_factors
from expectations.invariants.completeness import (
    nothing_all_zero,
    nothing_negative,
    periods_end_where_they_should,
    region_period_coverage,
)
from expectations.invariants.consumption import (
    areas_consume_what_their_provinces_do,
    consumption_factor_agrees_with_origins,
    consumption_factor_within_range_of_origins,
    consumption_is_that_of_its_origins,
    consumption_shares_sum_to_one,
    generation_is_consumed_with_its_emissions,
)
from expectations.invariants.flows import (
    exports_within_supply,
    pairs_flow_one_way,
    province_balances_close,
)
from expectations.invariants.gases import (
    co2e_is_its_gases_weighed_by_one_set,
    delivery_adds_the_same_everywhere,
)
from expectations.invariants.identities import (
    national_ratios_are_shares,
    national_values_keep_their_order,
)
from expectations.invariants.mixes import (
    emissions_conserved_from_provinces_to_nation,
    evidence_shares_sum_to_one,
    mix_sums_to_one,
    shares_are_of_generation,
    years_are_sums_of_months,
)
from expectations.invariants.official import official_values_keep_their_order
from expectations.invariants.question import Invariant, Question, Tables
from expectations.invariants.supply import (
    emissions_conserved_through_interchange,
    factor_within_range_of_what_it_mixes,
    generation_factor_agrees_with_mix,
    supply_factor_agrees_with_interchange,
)
from expectations.invariants.vintages import (
    history_ends_in_the_release,
    revisions_lead_from_value_to_value,
    stretches_of_history_follow_each_other,
)
from expectations.thresholds import Thresholds

INVARIANTS: tuple[Invariant, ...] = (
    mix_sums_to_one,
    shares_are_of_generation,
    emissions_conserved_from_provinces_to_nation,
    years_are_sums_of_months,
    generation_factor_agrees_with_mix,
    supply_factor_agrees_with_interchange,
    emissions_conserved_through_interchange,
    factor_within_range_of_what_it_mixes,
    region_period_coverage,
    periods_end_where_they_should,
    nothing_negative,
    nothing_all_zero,
    official_values_keep_their_order,
    pairs_flow_one_way,
    exports_within_supply,
    province_balances_close,
    compared_bases_are_the_published_factors,
    evidence_shares_sum_to_one,
    consumption_shares_sum_to_one,
    consumption_is_that_of_its_origins,
    generation_is_consumed_with_its_emissions,
    areas_consume_what_their_provinces_do,
    consumption_factor_agrees_with_origins,
    consumption_factor_within_range_of_origins,
    claims_and_residual_are_the_total,
    attributes_net_to_zero,
    claims_within_generation,
    residual_factor_agrees_with_balance,
    co2e_is_its_gases_weighed_by_one_set,
    delivery_adds_the_same_everywhere,
    national_values_keep_their_order,
    national_ratios_are_shares,
    history_ends_in_the_release,
    stretches_of_history_follow_each_other,
    revisions_lead_from_value_to_value,
    aggregated_scores_follow_from_inventories,
    open_scores_follow_from_exchanges,
    contributions_make_the_score,
    emissions_are_positive_and_uptake_negative,
    hidden_datasets_have_no_figure,
    contributors_are_enough,
    no_text_names_a_rule,
    figures_are_rounded,
)


def check_ids() -> list[str]:
    """Return the ids of all invariants."""
    return [f"invariant.{invariant.__name__}" for invariant in INVARIANTS]


def judge_invariants(
    tables: Tables, *, release_month: str, thresholds: Thresholds
) -> list[CheckResult]:
    """Judge all invariants over the published tables (Polars frames by table name).

    An invariant that cannot be carried out - a table or column is missing, a type is wrong - is an
    `error` of its own and does not hide the others.
    """
    question = Question(release_month, thresholds)
    return [_carried_out(invariant, tables, question) for invariant in INVARIANTS]


def _carried_out(invariant: Invariant, tables: Tables, question: Question) -> CheckResult:
    check_id = f"invariant.{invariant.__name__}"
    try:
        return invariant(tables, question)
    except KeyError as missing:
        problem = f"table {missing.args[0]} is missing"
    except pl.exceptions.PolarsError as error:
        problem = str(error).splitlines()[0]
    return CheckResult(
        check_id, "invariant", "all", "error", "error", "not carried out", 0,
        f"Invariant {invariant.__name__} could not be carried out: {problem}. "
        "Mend the table that it needs; the data were not judged by it.",
    )  # fmt: skip
