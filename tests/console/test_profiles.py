"""Profiles: read from TOML or a URL, changed with their comments kept; what cannot be meant is a sentence with its line."""

from pathlib import Path

import pytest

from console import profiles, secrets, unlocked
from db.errors import Refused, Usage
from db.model import Mode, Profile
from tests.console.conftest import Quaestor

WHOLE = """# the bank's systems
[profiles.finpass-prod]  # the real one
url = "finpass+postgresql://ops_anna@db1/finpass"
password_command = ["vault", "read", "secret/finpass"]
label = "PROD"
colour = "red"
mode = "audit"
statement_timeout = 5
pooler = true
naive_times = "Europe/Zurich"
settings.high_value = 5000

[profiles.bank]
url = "mysql://ops_anna@db2/bank"
system = "trustsphere"
vault = "bank"
"""


def write(text: str) -> Path:
    path = profiles.path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o600)
    return path


def test_a_profile_is_what_its_table_says() -> None:
    write(WHOLE)
    found = profiles.load()["finpass-prod"]
    assert found == Profile(
        name="finpass-prod",
        url="postgresql://ops_anna@db1/finpass",
        system="finpass",
        password_source=found.password_source,
        mode=Mode.AUDIT,
        colour="red",
        label="PROD",
        naive_times="Europe/Zurich",
        pooler=True,
        statement_timeout=5,
        settings={"high_value": "5000"},
    )
    assert found.password_source.startswith("password_command → ~/.pgpass")
    assert profiles.load()["bank"].system == "trustsphere"


def test_no_file_means_no_profiles() -> None:
    assert profiles.load() == {}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            '[profiles.a]\nurl = "sqlite:///x"\nlable = "x"\n',
            "line 3: There is no key 'lable'. Did you mean label",
        ),
        (
            '[profiles.a]\n\nurl = "mysql://u:hunter2@h/d"\n',
            "line 3: A password does not belong into a profile",
        ),
        ('[profiles.a]\nurl = "mysql://u@h/d"\npassword = "hunter2"\n', "line 3: A password does not belong"),
        ('[profiles.a]\nlabel = "x"\n', "line 1: The profile 'a' has no url"),
        ('[profiles."a b"]\nurl = "x"\n', "line 1: 'a b' is no name"),
        ("[profiles.a]\nurl = 5\n", "line 2: 'url' wants a database URL"),
        ('[profiles.a]\nurl = "x"\nmode = "rw"\n', "line 3: 'mode' wants audit or operate"),
        ('[profiles.a]\nurl = "x"\ntls = "prefer"\n', "line 3: 'tls' wants verify, require or off"),
        ('[profiles.a]\nurl = "x"\nnaive_times = "Mars/Olympus"\n', "line 3: 'naive_times' wants a zone"),
        ('[profiles.a]\nurl = "x"\nlock_timeout = -1\n', "line 3: 'lock_timeout' wants seconds"),
        (
            '[profiles.a]\nurl = "x"\npassword_command = "vault read"\n',
            "line 3: 'password_command' wants a list",
        ),
        ('[profile.a]\nurl = "x"\n', r"line 1: 'profile' is not known; write \[profiles.NAME\]"),
        ('colour = "red"\n', "line 1: 'colour' is not known"),
        ("profiles = 3\n", "each profile is a table"),
        ('[profiles.a]\nurl = "x\n', "line 2"),
        ("[profiles.a\n", "line 1"),
    ],
)
def test_what_cannot_be_meant_is_a_sentence_with_its_line(text: str, sentence: str) -> None:
    path = write(text)
    with pytest.raises(Usage, match=sentence) as told:
        profiles.load()
    assert str(path) in str(told.value)
    assert "hunter2" not in str(told.value)


def test_a_file_that_others_may_write_is_refused() -> None:
    write(WHOLE).chmod(0o664)
    with pytest.raises(Refused, match="others may change it"):
        profiles.load()
    profiles.path().write_bytes(b"\xff")
    profiles.path().chmod(0o600)
    with pytest.raises(Usage, match="byte 0 is not UTF-8"):
        profiles.load()


@pytest.mark.parametrize(
    ("url", "system", "plain", "name"),
    [
        (
            "finpass+postgresql://ops@db/finpass_prod",
            "finpass",
            "postgresql://ops@db/finpass_prod",
            "finpass_prod",
        ),
        ("trustsphere+mysql://ops@db/bank", "trustsphere", "mysql://ops@db/bank", "bank"),
        ("finpass+sqlite:////var/tmp/finpass.db", "finpass", "sqlite:////var/tmp/finpass.db", "finpass"),
        ("postgresql+psycopg://ops@db/x", "", "postgresql+psycopg://ops@db/x", "x"),
        ("multipass+postgresql+psycopg://ops@db/x", "multipass", "postgresql+psycopg://ops@db/x", "x"),
        ("mariadb://ops@db/x", "", "mariadb://ops@db/x", "x"),
    ],
)
def test_a_url_makes_a_profile(url: str, system: str, plain: str, name: str) -> None:
    made = profiles.of_target(url)
    assert (made.system, made.url, made.name) == (system, plain, name)


def test_a_password_in_a_url_works_and_warns_once(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        made = profiles.of_target("finpass+postgresql://ops:hunter2@db/x")
        assert made.password() == "hunter2"
        assert "hunter2" not in repr(made) + made.url + made.password_source
    said = capsys.readouterr().err
    assert said.count("A password in a URL") == 1
    assert "hunter2" not in said


def test_unknown_profiles_come_with_the_nearest(quaestor: Quaestor) -> None:
    assert "profiles add" in quaestor("show", "finpas-prod", "users", "1").err
    write(WHOLE)
    said = quaestor("list", "finpas-prod", "users")
    assert (said.code, said.out) == (2, "")
    assert said.err == "quaestor: There is no profile 'finpas-prod'. Did you mean finpass-prod?\n"


def test_names_of_several_targets_differ() -> None:
    made = profiles.distinct([profiles.of_target(f"sqlite:///{folder}/x.db") for folder in "abc"])
    assert [profile.name for profile in made] == ["x", "x-2", "x-3"]


def test_changes_keep_comments_and_order(quaestor: Quaestor) -> None:
    path = write(WHOLE)
    assert quaestor("profiles", "edit", "finpass-prod", "--set", "label=LIVE", "--drop", "pooler").code == 0
    assert (
        quaestor("profiles", "add", "demo", "sqlite:////tmp/x.db", "--set", "settings.high_value=9").code == 0
    )
    expected = WHOLE.replace('"PROD"', '"LIVE"').replace("pooler = true\n", "")
    assert path.read_text().startswith(expected)
    assert path.stat().st_mode & 0o777 == 0o600
    assert profiles.load()["demo"].settings == {"high_value": "9"}
    assert quaestor("profiles", "remove", "demo", "--yes").code == 0
    assert path.read_text().rstrip() == expected.rstrip()


def test_a_change_that_cannot_be_meant_changes_nothing(quaestor: Quaestor) -> None:
    path = write(WHOLE)
    for arguments in (
        ("edit", "finpass-prod", "--set", "tls=of"),
        ("edit", "finpass-prod", "--set", "tsl=off"),
        ("edit", "finpass-prod", "--set", "label"),
        ("edit", "finpass-prod", "--drop", "nothing"),
        ("edit", "finpass-prod", "--set", "url=mysql://u:hunter2@h/d"),
        ("edit", "nobody", "--set", "label=x"),
        ("add", "bank", "sqlite:///x.db"),
        ("add", "no name", "sqlite:///x.db"),
        ("add", "new", "sqlite:///x.db", "--set", "statement_timeout=soon"),
        ("remove", "nobody", "--yes"),
    ):
        said = quaestor("profiles", *arguments)
        assert said.code == 2, arguments
        assert said.err.count("\n") == 1
        assert path.read_text() == WHOLE


def test_profiles_are_listed_without_their_passwords(quaestor: Quaestor) -> None:
    write(WHOLE)
    said = quaestor("profiles", "list", "--format", "jsonl")
    assert '"label": "PROD"' in said.out
    assert quaestor("profiles").out.splitlines()[1].startswith("finpass-prod  finpass")


def test_a_password_is_stored_in_the_vault_and_found_there(
    quaestor: Quaestor, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["hunter2", "open sesame", "open sesame"])
    monkeypatch.setattr("console.asking.getpass", lambda _question: next(answers))
    assert quaestor("profiles", "add", "bank", "mysql://ops@db/bank", "--store-password").code == 0
    assert "hunter2" not in profiles.path().read_text()
    unlocked.forget()
    chain = profiles.of_target("bank").password
    with pytest.raises(Refused, match="closed"):
        chain()
    unlocked.unlock("open sesame")
    assert chain() == "hunter2"
    assert isinstance(chain, secrets.Chain)
    assert chain.used == "vault"


def test_two_passphrases_that_differ_keep_nothing(
    quaestor: Quaestor, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["hunter2", "open sesame", "open barley"])
    monkeypatch.setattr("console.asking.getpass", lambda _question: next(answers))
    assert quaestor("profiles", "add", "bank", "mysql://ops@db/bank", "--store-password").code == 2
    assert not unlocked.path().exists()
    assert profiles.load() == {}
