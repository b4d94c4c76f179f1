"""Settings: where they come from and what they refuse."""

import datetime as dt
from pathlib import Path

import pytest

from orchestration.dbt import project_parameters
from orchestration.settings import load_settings


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch, tmp_path):
    for name in ("CARBON_HOME", "CARBON_DATA", "CARBON_HOME_REGION", "CARBON_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def test_the_defaults_need_no_file_and_no_environment(tmp_path):
    settings = load_settings()
    assert settings.home == tmp_path / "var"
    assert settings.home_region == "340000"
    assert (settings.data / "gwp").is_dir()


def test_the_environment_is_stronger_than_the_file_and_an_option_than_both(tmp_path, monkeypatch):
    (tmp_path / "carbon.toml").write_text(
        'home = "from_file"\nhome_region = "320000"\nas_of = 2024-06-15\n[parameters]\nx = 0.5\n'
    )
    monkeypatch.setenv("CARBON_HOME", "from_environment")
    settings = load_settings()
    assert settings.home == tmp_path / "from_environment"
    assert settings.home_region == "320000"
    assert settings.as_of == dt.date(2024, 6, 15)
    assert settings.parameters == {"x": 0.5}
    assert load_settings(home=tmp_path / "option").home == tmp_path / "option"


def test_another_file_can_be_named(tmp_path, monkeypatch):
    (tmp_path / "other.toml").write_text('home_region = "110000"\n')
    monkeypatch.setenv("CARBON_CONFIG", str(tmp_path / "other.toml"))
    assert load_settings().home_region == "110000"


def test_a_wrong_value_is_named_with_what_was_given(monkeypatch):
    monkeypatch.setenv("CARBON_HOME_REGION", "Anhui")
    with pytest.raises(ValueError, match=r"Setting `home_region`: .*'Anhui'"):
        load_settings()


def test_an_unknown_setting_in_the_file_is_an_error(tmp_path):
    (tmp_path / "carbon.toml").write_text('hoem = "var"\n')
    with pytest.raises(ValueError, match="Setting `hoem`"):
        load_settings()


def test_the_method_has_the_parameters_that_a_release_is_asked_by():
    assert {"release_month", "as_of"} <= set(project_parameters())


@pytest.mark.parametrize("name", ["trusted_keys", "approvers"])
def test_keys_are_a_list_one_path_or_several_joined(tmp_path, monkeypatch, name):
    assert getattr(load_settings(), name) == []
    (tmp_path / "carbon.toml").write_text(f'{name} = ["a.pub", "/keys"]\n')
    assert getattr(load_settings(), name) == [tmp_path / "a.pub", tmp_path.root / Path("keys")]
    monkeypatch.setenv(f"CARBON_{name.upper()}", "one.pub:two")
    assert getattr(load_settings(), name) == [tmp_path / "one.pub", tmp_path / "two"]


def test_nothing_is_signed_or_approved_unless_it_is_asked_for(tmp_path, monkeypatch):
    settings = load_settings()
    assert (settings.signing_key, settings.require_approval) == (None, False)
    monkeypatch.setenv("CARBON_SIGNING_KEY", "release.pem")
    monkeypatch.setenv("CARBON_REQUIRE_APPROVAL", "true")
    settings = load_settings()
    assert (settings.signing_key, settings.require_approval) == (tmp_path / "release.pem", True)
