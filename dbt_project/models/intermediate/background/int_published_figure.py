"""Every figure in the form in which it leaves. Thin: `disclosure.published_form` rounds."""

from dbt_project.methods.background_disclosure import published_figures


def model(dbt, session):
    """Round once, for every format."""
    dbt.config(materialized="table")
    return published_figures(dbt.ref("int_figure").pl()).to_arrow()
