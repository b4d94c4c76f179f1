import polars as pl
def residual_frame(nodes):
    return nodes.with_columns(residual_mwh=pl.col("consumed_mwh")-pl.col("claimed_mwh"), attribute_net_mwh=pl.lit(0.0)).rename({c: "residual_"+c.removeprefix("uncertified_") for c in nodes.columns if c.startswith("uncertified_") and c!="uncertified_mwh"}).drop("consumed_mwh","claimed_mwh","uncertified_mwh")
