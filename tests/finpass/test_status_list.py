"""``quaestor status-list`` over rows on both engines: every bit as plain SQL has it, what is odd told, memory bounded."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from console.__main__ import run
from db.finpass import listing
from db.finpass.tables import credentials
from tests.conftest import engines_for
from tests.db import bitstring
from tests.finpass.office import NOW, Office, credential

ENGINES = engines_for("finpass")
PLACES = 131_072
Ran = tuple[int, str, str]
StatusList = Callable[..., Ran]
SERIES = {
    "sqlite": "WITH RECURSIVE g(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM g WHERE n < {last}) ",
    "postgresql": "",
}
FROM = {"sqlite": "g", "postgresql": "generate_series(0, {last}) AS g(n)"}
KEY = {
    "sqlite": "printf('%08x-0000-4000-8000-000000000000', n * 40503 % 65536 * 65536 + n / 65536)",
    "postgresql": "gen_random_uuid()",
}
"""Keys in another order than the places."""
STATUS = "CASE WHEN n % 3 = 0 THEN 'REVOKED' WHEN n % 7 = 0 THEN 'SUSPENDED' ELSE 'VALID' END"


def fill(office: Office, rows: int, handle: str) -> None:
    """So many credentials, made by the server; a third of them revoked, a seventh of the others suspended."""
    engine = office.engine.dialect.name
    office.run(
        f"INSERT INTO credentials (id, user_id, issuer_id, credential_type, credential_jwt, issued_at, status, "
        f"revocation_handle, created_at, updated_at) {SERIES[engine].format(last=rows - 1)}"
        f"SELECT {KEY[engine]}, u.id, 'i', 't', 'a.b.c', u.created_at, {STATUS}, CAST({handle} AS VARCHAR(20)), "
        f"u.created_at, u.created_at FROM {FROM[engine].format(last=rows - 1)}, users u"
    )


@pytest.fixture
def status_list(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> StatusList:
    """Run the command on the office: its exit code, stdout and stderr."""
    monkeypatch.setenv("QUAESTOR_HOME", str(tmp_path / "home"))

    def command(*arguments: str, target: str = "") -> Ran:
        capsys.readouterr()
        code = run(["status-list", target or f"finpass+{office.url}", *arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return command


def test_131072_entries_each_bit_as_its_row(office: Office, status_list: StatusList) -> None:
    fill(office, PLACES, "n")
    with office.engine.connect() as connection:
        found = connection.execute(text("SELECT CAST(revocation_handle AS INTEGER), status FROM credentials"))
        rows = [tuple(row) for row in found]
    for purpose, wanted in (("revocation", "REVOKED"), ("suspension", "SUSPENDED")):
        code, out, err = status_list("--purpose", purpose)
        told, bits = bitstring.subject(out)
        assert (code, told) == (0, {"type": "BitstringStatusList", "statusPurpose": purpose})
        assert len(bits) == len(rows) == PLACES
        assert bitstring.ones(bits) == sorted(place for place, status in rows if status == wanted)
        assert f"131072 entries from 131072 credentials, {bits.count('1')} of them" in err
        assert bits.count("1") > 10_000


MEASURED = """
import sys
from pathlib import Path
from console.__main__ import run
code = run(sys.argv[1:])
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
print(int(peak.split()[1]) // 1024, file=sys.stderr)
sys.exit(code)
"""


def test_ten_million_entries_stay_below_200_megabytes(office: Office, status_list: StatusList) -> None:
    fill(office, 100_000, "9999999 - n * 99")
    command = ["status-list", f"finpass+{office.url}", "--purpose", "revocation", "--entries", "10000000"]
    ran = subprocess.run(
        [sys.executable, "-c", MEASURED, *command], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stderr.split()[-1]) < 200
    _, bits = bitstring.subject(ran.stdout)
    assert len(bits) == 10_000_000
    assert bitstring.ones(bits) == sorted(9_999_999 - n * 99 for n in range(0, 100_000, 3))


def test_what_is_odd_is_told_and_the_exit_code_says_so(office: Office, status_list: StatusList) -> None:
    def put(number: int, status: str, handle: str | None) -> None:
        office.add(credentials, credential(f"c{number}", "holder", status=status, revocation_handle=handle))

    put(1, "REVOKED", "17")
    put(2, "VALID", "18")
    put(3, "REVOKED", None)
    put(4, "LOST", "19")
    put(5, "VALID", "not a place")
    code, out, err = status_list("--purpose", "revocation")
    assert (code, bitstring.ones(bitstring.subject(out)[1])) == (0, [17])
    assert "5 credentials, 2 of them revoked; read back." in err
    assert "1 revoked credentials have no place on the list" in err
    put(6, "REVOKED", "\x1b[31mred")
    code, out, err = status_list("--purpose", "revocation")
    assert (code, bitstring.ones(bitstring.subject(out)[1])) == (1, [17])
    assert "1 revoked credentials have a handle that is no index" in err
    assert "For example: ␛[31mred." in err
    put(7, "REVOKED", "18")
    code, out, err = status_list("--purpose", "revocation")
    assert (code, bitstring.ones(bitstring.subject(out)[1])) == (1, [17, 18])
    assert "1 credentials share their place" in err
    code, out, err = status_list("--purpose", "suspension")
    assert (code, bitstring.ones(bitstring.subject(out)[1])) == (1, [])


def test_every_credential_is_read_once_in_pages(
    office: Office, status_list: StatusList, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "TOGETHER", 7)
    for rows in (0, 7, 50):
        office.run("DELETE FROM credentials")
        if rows:
            fill(office, rows, "n")
        _, out, err = status_list("--purpose", "revocation")
        assert bitstring.ones(bitstring.subject(out)[1]) == list(range(0, rows, 3))
        assert f"from {rows} credentials" in err


def test_length_and_id_are_taken_and_wrong_ones_refused(office: Office, status_list: StatusList) -> None:
    office.add(credentials, credential("c", "holder", status="SUSPENDED", revocation_handle="140000"))
    url = "https://status.example/3#list"
    code, out, _ = status_list("--purpose", "suspension", "--entries", "150000", "--id", url)
    told, bits = bitstring.subject(out)
    assert (code, told["id"], len(bits), bitstring.ones(bits)) == (0, url, 150_000, [140_000])
    for arguments, code, says in (
        (("--purpose", "suspension", "--entries", "140000"), 1, "highest index is 140000"),
        (("--purpose", "suspension", "--entries", "99"), 1, "131072 to"),
        (("--purpose", "theft"), 2, "'revocation', 'suspension'"),
        ((), 2, "--purpose"),
    ):
        assert status_list(*arguments)[:2] == (code, "")
        assert says in status_list(*arguments)[2]


def test_it_needs_no_ledger_and_no_index_but_handles(office: Office, status_list: StatusList) -> None:
    office.add(credentials, credential("c", "holder", status="REVOKED", revocation_handle="3", issued_at=NOW))
    office.run("DROP TABLE quaestor_status_indexes")
    office.run("DROP INDEX idx_credentials_revocation_handle")
    code, out, _ = status_list("--purpose", "revocation")
    assert (code, bitstring.ones(bitstring.subject(out)[1])) == (0, [3])
    office.run("ALTER TABLE credentials DROP COLUMN revocation_handle")
    code, out, err = status_list("--purpose", "revocation")
    assert (code, out) == (1, "")
    assert "needs credentials.revocation_handle, which is not there" in err


def test_only_finpass_has_status_lists(
    status_list: StatusList, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bank.db"
    file.touch()
    assert run(["migrate", f"trustsphere+sqlite:///{file}", "up", "--part", "system"]) == 0
    code, out, err = status_list("--purpose", "revocation", target=f"sqlite:///{file}")
    assert (code, out) == (2, "")
    assert "only FinPass's credentials" in err
