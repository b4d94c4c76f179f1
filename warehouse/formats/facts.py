"""What the forms of a release say about the release as a whole, and about the database.

Belongs here: titles, licence and wording of the citation, each once. Does not belong here: what a
table says of itself (`published_table`).
"""

from __future__ import annotations

import dataclasses

TITLE_EN = "Provincial Carbon Factor Database"
TITLE_ZH = "省级碳因子数据库"
AUTHOR = "Provincial Carbon Factor Database maintainers"
SUMMARY_EN = (
    "Carbon factors of electricity for China's provinces, grid regions and the nation, month by "
    "month, with intervals, ratings, history and the way back to the source; and background "
    "datasets of the carbon footprint of key industries' products."
)
SUMMARY_ZH = (
    "中国各省、区域电网及全国的逐月电力碳因子，附区间、质量评分、沿革与来源；"
    "以及重点行业产品碳足迹背景数据集。"
)
KEYWORDS = (
    "emission factor", "electricity", "China", "carbon footprint", "life cycle inventory",
    "碳排放因子", "电力", "背景数据集",
)  # fmt: skip

LICENCE = "Apache-2.0"
LICENCE_TITLE = "Apache License 2.0"
LICENCE_URL = "https://www.apache.org/licenses/LICENSE-2.0"
LICENCE_NOTE_EN = (
    "Derived values and texts: Apache-2.0. Figures of others that a release repeats (official "
    "values, global warming potentials) keep the terms of their source: table `source`."
)
LICENCE_NOTE_ZH = (
    "推算值与文字：Apache-2.0。"
    "转载的他方数值（公布值、全球变暖潜势）沿用其来源的条款，见 source 表。"
)


@dataclasses.dataclass(frozen=True)
class ReleaseFacts:
    """What is known of a release before its forms are written.

    `release_id` as `2023.12.0`, `release_month` as `2023-12`, `channel` `stable` or `demo`;
    `as_of` is the day up to which sources count (`YYYY-MM-DD`), a parameter and not a clock.
    """

    release_id: str
    release_month: str
    channel: str
    code_version: str
    as_of: str | None = None

    @property
    def is_demo(self) -> bool:
        """Whether the release rests on invented figures."""
        return self.channel != "stable"

    @property
    def channel_en(self) -> str:
        """The channel in a sentence."""
        if self.is_demo:
            return (
                f"{self.channel} - some figures of this release are synthetic (invented by a "
                "generator). Do not use it for reporting."
            )
        return "stable - no figure of this release is synthetic."

    @property
    def channel_zh(self) -> str:
        """The channel in a Chinese sentence."""
        if self.is_demo:
            return f"{self.channel}：本版含有由生成器编造的合成数据（synthetic），不得用于报告。"
        return "stable：本版不含合成数据。"

    @property
    def citation(self) -> str:
        """How to cite the release, in one line."""
        known = f", sources known on {self.as_of}" if self.as_of else ""
        demo = f" ({self.channel}, synthetic data)" if self.is_demo else ""
        return f"{AUTHOR}: {TITLE_EN} {TITLE_ZH}, release {self.release_id}{demo}{known}."
