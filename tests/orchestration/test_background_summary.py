"""What a release says of its background datasets: counts that add up, differences by name."""

import polars as pl

from orchestration.background_summary import dataset_lines, footprint_lines


def test_every_dataset_is_counted_in_one_form():
    datasets = pl.DataFrame(
        {
            "product_code": ["steel.rebar", "steel.rebar", "steel.wire", "fuel.diesel"],
            "disclosure": ["open", "withheld", "aggregated", "open"],
            "contributors_band": ["10-19", None, "5-9", None],
        }
    )
    first, second = dataset_lines(datasets)
    assert first == (
        "Background datasets: 4 of 3 products: 2 open with all exchanges, 1 as results, "
        "0 merged into a wider one, 1 withheld to protect contributors."
    )
    assert second.startswith("Of the 3 with figures, 2 rest on questionnaires;")


def test_the_farthest_footprints_are_named_above_or_below():
    comparison = pl.DataFrame(
        {
            "benchmark_id": list("abcdefg"),
            "product_code": [f"x.{name}" for name in "abcdefg"],
            "technology": ["any"] * 7,
            "ratio": [1.0, 0.2, 4.0, 1.1, 0.9, None, 1.4],
            "is_within_interval": [True, False, False, True, False, None, False],
        }
    )
    first, second = footprint_lines(comparison)
    assert "6 published footprints: median ratio 1.05, 4 between 2/3 and 3/2, 2 inside" in first
    assert second.startswith("Farthest: x.b (any) 0.20, x.c (any) 4.00, x.g (any) 1.40, ")
    assert "x.f" not in second


def test_without_questionnaires_nothing_is_said():
    datasets = pl.DataFrame(schema={"product_code": pl.String, "disclosure": pl.String})
    assert dataset_lines(datasets) == []
    assert footprint_lines(pl.DataFrame(schema={"ratio": pl.Decimal(18, 4)})) == []
