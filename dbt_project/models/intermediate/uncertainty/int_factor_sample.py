"""Percentiles of every factor, and the inputs that its variance comes from, by sampling.

`part` says which: a row is an interval or a contribution. Thin:
`dbt_project.methods.sampling` says how.
"""

from dbt_project.methods.interchange import responses
from dbt_project.methods.sampling import sample_table
from dbt_project.methods.sampling_frames import SampleFrames


def model(dbt, session):
    """Draw every year that is asked for."""
    dbt.config(materialized="table")
    frames = SampleFrames(
        generation=dbt.ref("int_sample_generation").pl(),
        consumption=dbt.ref("int_sample_consumption").pl(),
        technology=dbt.ref("int_sample_technology").pl(),
        parameter=dbt.ref("int_sample_parameter").pl(),
        area=dbt.ref("int_area").pl(),
        node=dbt.ref("int_node").pl(),
        grid_region=dbt.ref("stg_grid_region").pl(),
        claim=dbt.ref("int_sample_claim").pl(),
        storage=dbt.ref("int_sample_storage").pl(),
        period=dbt.ref("int_period").pl(),
        gwp=dbt.ref("int_gwp_set").pl(),
    )
    flows = responses(
        dbt.ref("int_interchange_balance").pl(),
        dbt.ref("stg_transmission_corridor").pl(),
        dbt.ref("int_transfer_constraint").pl(),
        dbt.ref("int_transfer_part").pl(),
        consumption_sd=float(dbt.config.get("consumption_sd")),
    )
    return sample_table(
        frames,
        flows,
        draws=int(dbt.config.get("draws")),
        seed=int(dbt.config.get("seed")),
    ).to_arrow()
