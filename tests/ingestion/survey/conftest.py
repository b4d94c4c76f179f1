"""What the survey tests share beside filling.py."""

import pytest


@pytest.fixture(scope="session")
def raised_elsewhere() -> set[str]:
    """Rules whose drills stand in the other modules of this folder, each there by name."""
    return {
        "submission_repeated", "plant_twice", "same_answers_other_plant", "plant_under_two_names",
        "name_under_two_codes", "certificate_claimed_twice", "amount_changed_since_last_period",
        "question_unknown", "archive_crowded", "workbook_broken",
    }  # fmt: skip
