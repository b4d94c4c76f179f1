"""Whether a database is fit to be solved: every defect as a finding, cheap gates first.

Belongs here: what must be true of the frames, of the matrices and of the scores before anything is
published, and the sentences that say where it is not. Does not belong here: repairing anything,
and checks of sources (`expectations`).

Three rounds, each only where the one before found no error: rows (keys, numbers, closure of
providers, factors), matrices (shape, diagonal, empty and repeated columns), and last what costs a
solve (productive loops, factorisation, residual, signs). A gate that was not reached is named as
not judged: silence is no pass. A report belongs to the checksum of what it judged.

Sources: METHODS 1 and 6; Hawkins and Simon (1949), 10.2307/1905526: a system of non-negative inputs
can deliver if and only if some w > 0 has (I - A)' w > 0.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from hashlib import sha256

import numpy as np
import polars as pl
from scipy import sparse

from dbt_project.methods.life_cycle_scores import (
    LifeCycleError,
    LifeCycleScores,
    negative_scores,
    solve_scores,
)
from dbt_project.methods.life_cycle_solver import (
    SingularSystemError,
    TechnosphereSolver,
    unproductive,
)
from dbt_project.methods.technosphere import (
    CHARACTERISATION,
    DIRECTIONS,
    EXCHANGE,
    KINDS,
    PROCESS,
    LifeCycleSystem,
    TechnosphereError,
    build_system,
    is_reference,
    typed,
)

FINDING = {
    "rule": pl.String(),
    "severity": pl.String(),
    "process_id": pl.String(),
    "sentence_en": pl.String(),
    "sentence_zh": pl.String(),
}
# A diagonal entry below this is no output; own use at or above OWN_USE leaves none.
NEAR_ZERO, OWN_USE = 1e-9, 0.999999
# How far a row that repeats the reference product may differ from the reference amount.
REFERENCE_TOLERANCE = 1e-9

ROW_RULES = (
    "no_process", "process_repeated", "reference_missing", "exchange_repeated",
    "exchange_without_process", "kind_unknown", "direction_unknown", "amount_not_finite",
    "amount_negative", "sigma_invalid", "waste_output", "reference_mismatch", "self_service",
    "provider_missing", "provider_unknown", "provider_product", "provider_unit", "flow_missing",
    "flow_both_directions", "characterisation_repeated", "factor_not_finite",
    "no_indicator", "flow_uncharacterised", "process_empty", "share_group_sign", "recipe_repeated",
)  # fmt: skip
MATRIX_RULES = ("not_square", "matrix_not_finite", "diagonal_near_zero", "own_use", "row_empty",
                "column_empty", "column_repeated")  # fmt: skip
SOLUTION_RULES = ("loop_unproductive", "matrix_singular", "solution_refused", "negative_score")


class NotReady(ValueError):
    """The database has defects, or the report is about other data."""


@dataclass(frozen=True)
class Readiness:
    """What was judged, by which rules, and what was found.

    Attributes:
        checksum: sha256 of the frames judged.
        processes, exchanges: how many were judged.
        judged: rules that were applied.
        not_judged: rules that were not reached, for errors found before.
        findings: `rule`, `severity` (error, warning), `process_id` (may be null), `sentence_en`,
            `sentence_zh`; sorted.
        system: the matrices, where they could be built.
        scores: the solution, where there is one.
    """

    checksum: str
    processes: int
    exchanges: int
    judged: tuple[str, ...]
    not_judged: tuple[str, ...]
    findings: pl.DataFrame
    system: LifeCycleSystem | None = field(default=None, repr=False)
    scores: LifeCycleScores | None = field(default=None, repr=False)

    @property
    def is_ready(self) -> bool:
        """Say whether everything was judged and no error found."""
        return not self.not_judged and not self.errors.height and self.processes > 0

    @property
    def errors(self) -> pl.DataFrame:
        """Return the findings that block."""
        return self.findings.filter(severity="error")

    def require(
        self, process: pl.DataFrame, exchange: pl.DataFrame, characterisation: pl.DataFrame
    ) -> None:
        """Raise unless this report passed and is about exactly these frames.

        Raises:
            NotReady: with the first error, or with both checksums.
        """
        if self.errors.height:
            raise NotReady(
                f"{self.errors.height} errors; the first: {self.errors['rule'][0]}: "
                f"{self.errors['sentence_en'][0]}"
            )
        if not self.is_ready:
            raise NotReady(f"not judged: {', '.join(self.not_judged) or 'nothing was given'}")
        found = database_checksum(process, exchange, characterisation)
        if found != self.checksum:
            raise NotReady(
                f"report_stale: the report is about {self.checksum[:12]}, the data are "
                f"{found[:12]}; judge them again"
            )


def judge(
    process: pl.DataFrame,
    exchange: pl.DataFrame,
    characterisation: pl.DataFrame,
    *,
    required_indicators: Collection[str] | None = None,
    exempt_flows: Collection[str] = (),
) -> Readiness:
    """Judge a database.

    Args:
        process, exchange, characterisation: as `technosphere.build_system` takes them.
        required_indicators: for which every elementary flow needs a factor, be it zero; where
            not given those whose id ends in `.total`, or all where none does.
        exempt_flows: elementary flows that are no greenhouse gases.

    Returns:
        The report. Defects are findings; nothing is raised for bad data.
    """
    try:
        frames = (
            typed(process, PROCESS, "process"),
            typed(exchange, EXCHANGE, "exchange"),
            typed(characterisation, CHARACTERISATION, "characterisation"),
        )
    except TechnosphereError as error:
        rule, _, sentence = str(error).partition(": ")
        found = _finding(rule, None, sentence, f"列缺失或类型不符：{sentence}")
        rest = (*ROW_RULES, *MATRIX_RULES, *SOLUTION_RULES)
        return Readiness("", process.height, exchange.height, (rule,), rest, found)
    checksum = database_checksum(*frames)
    findings = judge_rows(
        *frames, required_indicators=required_indicators, exempt_flows=exempt_flows
    )
    judged: tuple[str, ...] = ROW_RULES
    system: LifeCycleSystem | None = None
    scores: LifeCycleScores | None = None
    if not _has_errors(findings):
        system = build_system(*frames)
        found = judge_matrices(system.inputs, system.processes["process_id"])
        findings = pl.concat([findings, found])
        judged += MATRIX_RULES
        if not _has_errors(findings):
            solved, scores = judge_solution(system)
            findings = pl.concat([findings, solved])
            judged += SOLUTION_RULES
    rules = (*ROW_RULES, *MATRIX_RULES, *SOLUTION_RULES)
    return Readiness(
        checksum=checksum,
        processes=process.height,
        exchanges=exchange.height,
        judged=judged,
        not_judged=tuple(rule for rule in rules if rule not in judged),
        findings=findings.sort("severity", "rule", "process_id", "sentence_en", nulls_last=True),
        system=system,
        scores=scores,
    )


def database_checksum(
    process: pl.DataFrame, exchange: pl.DataFrame, characterisation: pl.DataFrame
) -> str:
    """Return sha256 of the frames' columns that count, whatever the order of their rows.

    Raises:
        TechnosphereError: columns missing.
    """
    digest = sha256()
    for frame, columns, name in (
        (process, PROCESS, "process"),
        (exchange, EXCHANGE, "exchange"),
        (characterisation, CHARACTERISATION, "characterisation"),
    ):
        rows = typed(frame, columns, name)
        rows = rows.sort(rows.columns, nulls_last=True)
        digest.update(f"{name} {rows.height}\n".encode())
        digest.update(rows.write_csv(null_value="\\N", quote_style="non_numeric").encode())
    return digest.hexdigest()


def judge_rows(
    process: pl.DataFrame,
    exchange: pl.DataFrame,
    characterisation: pl.DataFrame,
    *,
    required_indicators: Collection[str] | None = None,
    exempt_flows: Collection[str] = (),
) -> pl.DataFrame:
    """Apply `ROW_RULES`; return the findings, as `Readiness.findings`."""
    found = [
        *_process_findings(process),
        *_exchange_findings(process, exchange),
        *_provider_findings(process, exchange),
        *_flow_findings(exchange, characterisation, required_indicators, exempt_flows),
        *_recipe_findings(process, exchange),
    ]
    return pl.concat([pl.DataFrame(schema=FINDING), *found])


def _process_findings(process: pl.DataFrame) -> list[pl.DataFrame]:
    found = []
    if not process.height:
        found.append(
            _finding("no_process", None, "the database holds no process; nothing can be judged",
                     "数据库没有任何单元过程，无从检验")
        )  # fmt: skip
    twice = process.filter(pl.col("process_id").is_duplicated() | pl.col("process_id").is_null())
    reference = pl.col("reference_amount")
    return [
        *found,
        _findings(
            twice.unique("process_id"),
            "process_repeated",
            ("process {} is given more than once or has no id; one row for each process is wanted",
             "单元过程 {} 重复或没有标识；每个过程只应有一行"),
            "process_id",
        ),
        _findings(
            process.filter(~(reference.is_finite() & (reference > 0)).fill_null(value=False)),
            "reference_missing",
            ("process {} has the reference amount {}; a number above zero is wanted",
             "单元过程 {} 的基准量为 {}；应为大于零的数"),
            "process_id", "reference_amount",
        ),
    ]  # fmt: skip


def _exchange_findings(process: pl.DataFrame, exchange: pl.DataFrame) -> list[pl.DataFrame]:
    place = ("process_id", "exchange_no")
    amount, sigma = pl.col("amount"), pl.col("sigma").fill_null(0.0)
    finite = amount.is_finite().fill_null(value=False)
    repeated = exchange.filter(exchange.select(place).is_duplicated()).unique(place)
    reference = exchange.filter(is_reference()).join(
        process.select("process_id", "reference_amount"), on="process_id", how="inner"
    )
    shares = (
        exchange.filter(pl.col("share_group").is_not_null())
        .group_by("process_id", "share_group")
        .agg(
            pl.col("direction").n_unique().alias("directions"),
            (pl.col("amount") > 0).any().alias("any"),
        )
    )
    used = exchange.select("process_id").unique()
    return [
        _findings(
            repeated, "exchange_repeated",
            ("process {}: exchange {} is given more than once; number exchanges from 1 on",
             "单元过程 {}：交换 {} 重复；请从 1 起连续编号"), *place,
        ),
        _findings(
            exchange.join(process, on="process_id", how="anti"), "exchange_without_process",
            ("process {}, exchange {}: there is no such process; add it or take the exchange out",
             "单元过程 {} 的交换 {}：没有这个过程；请补充过程或删除该交换"), *place,
        ),
        _findings(
            exchange.filter(~pl.col("kind").is_in(KINDS).fill_null(value=False)), "kind_unknown",
            (f"process {{}}, exchange {{}}: the kind is {{}}; known are {', '.join(KINDS)}",
             f"单元过程 {{}} 的交换 {{}}：类别为 {{}}；可用的是 {', '.join(KINDS)}"),
            *place, "kind",
        ),
        _findings(
            exchange.filter(~pl.col("direction").is_in(DIRECTIONS).fill_null(value=False)),
            "direction_unknown",
            ("process {}, exchange {}: the direction is {}; input or output is wanted",
             "单元过程 {} 的交换 {}：方向为 {}；应为 input 或 output"), *place, "direction",
        ),
        _findings(
            exchange.filter(~finite), "amount_not_finite",
            ("process {}, exchange {}: the amount is {}; a number is wanted",
             "单元过程 {} 的交换 {}：数量为 {}；应为数值"), *place, "amount",
        ),
        _findings(
            exchange.filter(finite & (amount < 0)), "amount_negative",
            ("process {}, exchange {}: the amount is {}; amounts are positive, the direction "
             "carries the sign",
             "单元过程 {} 的交换 {}：数量为 {}；数量须为正，符号由方向表示"), *place, "amount",
        ),
        _findings(
            exchange.filter(~(sigma.is_between(0, 3) & sigma.is_finite())), "sigma_invalid",
            ("process {}, exchange {}: sigma is {}; a number from 0 (certain) to 3 is wanted",
             "单元过程 {} 的交换 {}：sigma 为 {}；应为 0（确定）至 3 的数"), *place, "sigma",
        ),
        _findings(
            exchange.filter((pl.col("kind") == "waste") & (pl.col("direction") == "output")),
            "waste_output",
            ("process {}, exchange {}: waste leaves; give it as an input of the service that "
             "treats it, with that provider",
             "单元过程 {} 的交换 {}：废物不得作为输出；请作为处理服务的输入并指明提供者"), *place,
        ),
        _findings(
            reference.filter(
                (amount - pl.col("reference_amount")).abs()
                > REFERENCE_TOLERANCE * pl.col("reference_amount").abs()
            ),
            "reference_mismatch",
            ("process {}, exchange {}: its own product is {}, the reference amount is {}; give one",
             "单元过程 {} 的交换 {}：自身产品为 {}，基准量为 {}；两者须一致"),
            *place, "amount", "reference_amount",
        ),
        _findings(
            shares.filter((pl.col("directions") > 1) | ~pl.col("any").fill_null(value=False)),
            "share_group_sign",
            ("process {}, share group {}: shares are all inputs or all outputs and not all zero",
             "单元过程 {} 的份额组 {}：份额须同为输入或同为输出，且不得全为零"),
            "process_id", "share_group",
        ),
        _findings(
            process.join(used, on="process_id", how="anti"), "process_empty",
            ("process {} has no exchange and would score zero; add its inventory or withdraw it",
             "单元过程 {} 没有任何交换，得分将为零；请补充清单或撤回"), "process_id",
        ),
    ]  # fmt: skip


def _provider_findings(process: pl.DataFrame, exchange: pl.DataFrame) -> list[pl.DataFrame]:
    """Closure: every product taken has one provider, which makes that product in that unit."""
    place = ("process_id", "exchange_no")
    taken = exchange.filter(pl.col("kind").is_in(["product", "waste"]) & ~is_reference())
    named = taken.filter(pl.col("provider_id").is_not_null())
    providers = process.unique("process_id").select(
        pl.col("process_id").alias("provider_id"),
        pl.col("product_code").alias("made"),
        pl.col("unit").alias("made_unit"),
    )
    linked = named.join(providers, on="provider_id", how="inner")
    return [
        _findings(
            named.filter(pl.col("provider_id") == pl.col("process_id")), "self_service",
            ("process {}, exchange {}: it takes its own product; give the net output instead",
             "单元过程 {} 的交换 {}：消耗了自身产品；请改报净产出"), *place,
        ),
        _findings(
            taken.filter(pl.col("provider_id").is_null()), "provider_missing",
            ("process {}, exchange {}: {} has no provider; add a dataset or a default for it",
             "单元过程 {} 的交换 {}：{} 没有提供者；请补充数据集或缺省值"), *place, "product_code",
        ),
        _findings(
            named.join(providers, on="provider_id", how="anti"), "provider_unknown",
            ("process {}, exchange {}: provider {} of {} is not there; add it or name another",
             "单元过程 {} 的交换 {}：提供者 {}（{}）不存在；请补充或改用其他提供者"),
            *place, "provider_id", "product_code",
        ),
        _findings(
            linked.filter(pl.col("product_code") != pl.col("made")), "provider_product",
            ("process {}, exchange {}: {} is taken from a provider that makes {}; name another",
             "单元过程 {} 的交换 {}：所需为 {}，而提供者生产 {}；请更换提供者"),
            *place, "product_code", "made",
        ),
        _findings(
            linked.filter(pl.col("unit").ne_missing(pl.col("made_unit"))), "provider_unit",
            ("process {}, exchange {}: {} is given in {}, its provider delivers in {}; convert it",
             "单元过程 {} 的交换 {}：{} 的单位为 {}，提供者的单位为 {}；请换算"),
            *place, "product_code", "unit", "made_unit",
        ),
    ]  # fmt: skip


def _flow_findings(
    exchange: pl.DataFrame,
    characterisation: pl.DataFrame,
    required: Collection[str] | None,
    exempt: Collection[str],
) -> list[pl.DataFrame]:
    place = ("process_id", "exchange_no")
    elementary = exchange.filter(kind="elementary")
    flows = elementary.group_by("flow_id").agg(
        pl.col("direction").n_unique().alias("directions"), pl.col("process_id").min()
    )
    keys = ("flow_id", "indicator")
    indicators = sorted(characterisation["indicator"].drop_nulls().unique())
    totals = [name for name in indicators if name.endswith(".total")]
    wanted = sorted(required) if required is not None else totals or indicators
    found = []
    if flows.height and not wanted:
        found.append(
            _finding("no_indicator", None,
                     "there is no characterisation factor at all; every score would be zero",
                     "没有任何特征化因子，所有得分都将为零")
        )  # fmt: skip
    needed = (
        flows.filter(pl.col("flow_id").is_not_null() & ~pl.col("flow_id").is_in(list(exempt)))
        .join(pl.DataFrame({"indicator": wanted}, schema={"indicator": pl.String}), how="cross")
        .join(characterisation, on=keys, how="anti")
    )
    return [
        *found,
        _findings(
            elementary.filter(pl.col("flow_id").is_null()), "flow_missing",
            ("process {}, exchange {}: an emission or resource names no elementary flow",
             "单元过程 {} 的交换 {}：未指明基本流"), *place,
        ),
        _findings(
            flows.filter(pl.col("flow_id").is_not_null() & (pl.col("directions") > 1)),
            "flow_both_directions",
            ("flow {} enters some processes and leaves others ({} is one); use two flows",
             "基本流 {} 在一些过程中为输入，在另一些中为输出（如 {}）；请用两个流"),
            "flow_id", "process_id",
        ),
        _findings(
            characterisation.filter(characterisation.select(keys).is_duplicated()).unique(keys)
            .with_columns(pl.lit(None, pl.String).alias("process_id")),
            "characterisation_repeated",
            ("flow {}: {} has more than one factor; keep one",
             "基本流 {}：{} 有多个因子；请保留一个"),
            *keys,
        ),
        _findings(
            characterisation.filter(~pl.col("factor").is_finite().fill_null(value=False))
            .with_columns(pl.lit(None, pl.String).alias("process_id")),
            "factor_not_finite",
            ("flow {}: the factor for {} is {}; a number is wanted",
             "基本流 {}：{} 的因子为 {}；应为数值"), *keys, "factor",
        ),
        _findings(
            needed, "flow_uncharacterised",
            ("flow {} has no factor for {} and would count nothing (process {} has it); add the "
             "factor, or a zero on purpose",
             "基本流 {} 没有 {} 的因子，将不计入结果（如单元过程 {}）；请补充因子，或有意填零"),
            *keys, "process_id",
        ),
    ]  # fmt: skip


def _recipe_findings(process: pl.DataFrame, exchange: pl.DataFrame) -> list[pl.DataFrame]:
    """One inventory under two names: an error within one product, region and year."""
    content = ["kind", "direction", "flow_id", "provider_id", "amount"]
    recipe = (
        exchange.filter(~is_reference())
        .sort("process_id", *content, nulls_last=True)
        .with_columns(
            pl.concat_str(
                pl.col(content).cast(pl.String).fill_null(""), separator="|"
            ).alias("line")
        )
        .group_by("process_id", maintain_order=True)
        .agg(pl.col("line"))
        .with_columns(pl.col("line").list.join("\n").alias("recipe"))
        .select("process_id", "recipe")
        .join(
            process.unique("process_id").select(
                "process_id", "product_code", "region_code", "year", "technology", "allocation",
                "reference_amount"
            ),
            on="process_id",
        )
    )  # fmt: skip
    same = ["recipe", "reference_amount", "product_code", "region_code", "year"]
    return [
        _findings(
            recipe.filter(recipe.select(same).is_duplicated())
            .sort("process_id")
            .with_columns(pl.col("process_id").first().over(same).alias("other"))
            .filter(pl.col("other") != pl.col("process_id")),
            "recipe_repeated",
            ("process {} has exactly the exchanges of process {}: one product of one region and "
             "year under two names; keep one",
             "单元过程 {} 与 {} 的交换完全相同：同一地区同一年份的同一产品出现了两次；请保留一个"),
            "process_id", "other",
        )
    ]  # fmt: skip


def judge_matrices(inputs: sparse.csc_array, process_ids: pl.Series) -> pl.DataFrame:
    """Apply `MATRIX_RULES`; return the findings.

    Args:
        inputs: A, shape (products, processes), CSC.
        process_ids: of its columns.
    """
    if inputs.shape[0] != inputs.shape[1] or inputs.shape[1] != process_ids.len():
        return _finding(
            "not_square", None,
            f"{inputs.shape[0]} products for {inputs.shape[1]} processes; each process makes one",
            f"产品 {inputs.shape[0]} 种，过程 {inputs.shape[1]} 个；每个过程应只生产一种产品",
        )  # fmt: skip
    names = process_ids.rename("process_id")
    columns = np.repeat(np.arange(inputs.shape[1]), np.diff(inputs.indptr))
    broken = np.unique(columns[~np.isfinite(inputs.data)])
    own = inputs.diagonal()
    output = 1.0 - own
    technosphere = sparse.coo_array(sparse.eye_array(inputs.shape[0]) - inputs)
    technosphere.eliminate_zeros()
    row_empty, column_empty = (
        np.flatnonzero(np.bincount(axis, minlength=inputs.shape[0]) == 0)
        for axis in technosphere.coords
    )

    def name(at: np.ndarray, **values: np.ndarray) -> pl.DataFrame:
        return pl.DataFrame({"process_id": names.gather(at), **values})

    near, used = np.flatnonzero(np.abs(output) < NEAR_ZERO), np.flatnonzero(np.abs(own) >= OWN_USE)
    repeated = _repeated_columns(inputs)
    return pl.concat(
        [
            pl.DataFrame(schema=FINDING),
            _findings(
                name(broken), "matrix_not_finite",
                ("process {}: a coefficient is no finite number", "单元过程 {}：系数不是有限数值"),
                "process_id",
            ),
            _findings(
                name(near, output=output[near]), "diagonal_near_zero",
                ("process {} makes {} of its product net; look at its reference amount",
                 "单元过程 {} 的净产出为 {}；请检查基准量"), "process_id", "output",
            ),
            _findings(
                name(used, own=own[used]), "own_use",
                ("process {} takes {} of its own product for one unit; below 0.999999 is wanted",
                 "单元过程 {} 每单位产出消耗自身产品 {}；应低于 0.999999"), "process_id", "own",
            ),
            _findings(
                name(row_empty), "row_empty",
                ("the product of process {} is neither made net nor taken by anybody",
                 "单元过程 {} 的产品既无净产出也无人消耗"), "process_id",
            ),
            _findings(
                name(column_empty), "column_empty",
                ("process {} neither makes nor takes anything net",
                 "单元过程 {} 既无净产出也无任何投入"), "process_id",
            ),
            _findings(
                name(repeated[:, 0]).with_columns(names.gather(repeated[:, 1]).alias("other")),
                "column_repeated",
                ("process {} takes exactly what process {} takes; is it one process twice?",
                 "单元过程 {} 的投入与 {} 完全相同；是否重复？"),
                "process_id", "other", severity="warning",
            ),
        ]
    )  # fmt: skip


def _repeated_columns(inputs: sparse.csc_array) -> np.ndarray:
    """Return pairs of columns with the same entries, shape (m, 2); empty columns do not count."""
    table = (
        pl.DataFrame(
            {
                "column": np.repeat(np.arange(inputs.shape[1]), np.diff(inputs.indptr)),
                "row": inputs.indices.astype(np.int64),
                "value": inputs.data,
            }
        )
        .sort("column", "row")
        .with_columns(pl.concat_str("row", "value", separator=":").alias("entry"))
        .group_by("column", maintain_order=True)
        .agg(pl.col("entry"))
        .with_columns(pl.col("entry").list.join(" "))
        .filter(pl.col("entry").is_duplicated())
        .with_columns(pl.col("column").first().over("entry").alias("other"))
        .filter(pl.col("other") != pl.col("column"))
    )
    return table.select("column", "other").to_numpy().astype(np.int64).reshape(-1, 2)


def judge_solution(system: LifeCycleSystem) -> tuple[pl.DataFrame, LifeCycleScores | None]:
    """Apply `SOLUTION_RULES`: what costs a solve, last.

    A system of non-negative inputs that contracts is proven productive without a factorisation;
    where no proof is found, the loops are looked at one by one, and then the whole is factorised.

    Returns:
        The findings, and the solution where there is one.
    """
    solver = TechnosphereSolver(system.inputs)
    if solver.contraction is None:
        credits_given = system.inputs.data.min(initial=0.0) < 0
        columns = [] if credits_given else list(unproductive(system.inputs))
        if columns:
            names = system.processes["process_id"][columns]
            listed = ", ".join(names[:5]) + (" ..." if len(columns) > 5 else "")
            return (
                _finding(
                    "loop_unproductive", names[0],
                    f"a loop of {len(columns)} processes ({listed}) takes as much of its products "
                    "as it makes, or more; look for an input in a wrong unit",
                    f"由 {len(columns)} 个过程组成的循环（{listed}）消耗的产品不少于其产出；"
                    "请检查投入的单位",
                ),
                None,
            )  # fmt: skip
        try:
            _ = solver.factorisation
        except SingularSystemError as error:
            named = system.processes["process_id"][list(error.columns[:1])]
            return (
                _finding("matrix_singular", next(iter(named), None), str(error).partition(": ")[2],
                         "技术矩阵奇异：没有唯一解；请检查投入的单位"),
                None,
            )  # fmt: skip
    try:
        scores = solve_scores(system)
    except LifeCycleError as error:
        return (
            _finding("solution_refused", None, str(error), f"求解未通过检验：{error}"),
            None,
        )
    # What counts uptake alone is meant to be negative.
    mixed = [
        name
        for name, factors in zip(system.indicators, system.characterisation, strict=True)
        if factors.max(initial=0.0) > 0
    ]
    negative = negative_scores(scores).filter(pl.col("indicator").is_in(mixed))
    return (
        _findings(
            negative, "negative_score",
            ("process {} scores {} for {}: credits or uptake exceed emissions; a person should "
             "look at it before it is published",
             "单元过程 {} 的得分为 {}（{}）：抵扣或吸收超过排放；发布前应由人工复核"),
            "process_id", "value", "indicator", severity="warning",
        ),
        scores,
    )  # fmt: skip


def _has_errors(findings: pl.DataFrame) -> bool:
    return bool((findings["severity"] == "error").any())


def _finding(rule: str, process: str | None, english: str, chinese: str) -> pl.DataFrame:
    return pl.DataFrame([[rule, "error", process, english, chinese]], schema=FINDING, orient="row")


def _findings(
    rows: pl.DataFrame,
    rule: str,
    sentences: tuple[str, str],
    *columns: str,
    severity: str = "error",
) -> pl.DataFrame:
    """Say of each row what is wrong with it; sentences have a place for each column."""
    values = [pl.col(column).cast(pl.String) for column in columns]
    return rows.select(
        pl.lit(rule).alias("rule"),
        pl.lit(severity).alias("severity"),
        pl.col("process_id").cast(pl.String),
        pl.format(sentences[0], *(value.fill_null("(empty)") for value in values)).alias(
            "sentence_en"
        ),
        pl.format(sentences[1], *(value.fill_null("（空）") for value in values)).alias(
            "sentence_zh"
        ),
    )
