"""What the ingest remembers is the same before and after a restart."""

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bridge.ingest.notes import Notes
from core.model.ids import Jid
from tests.support.accounts import LID, PHONE

NEW_PHONE = Jid("40799999999", "s.whatsapp.net")


def test_a_number_that_somebody_gave_up_is_theirs_no_more(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    notes = Notes.open(path)
    assert notes.link(LID, PHONE)
    assert notes.link(LID, NEW_PHONE)
    assert not notes.link(LID, NEW_PHONE)
    for _again in range(2):
        assert (notes.phone_of(LID), notes.lid_of(NEW_PHONE)) == (NEW_PHONE, LID)
        assert notes.lid_of(PHONE) is None  # whoever has it now is somebody else
        notes.save()
        notes.close()
        notes = Notes.open(path)
    notes.close()


@given(
    st.lists(
        st.tuples(
            st.sampled_from([Jid(str(number), "lid") for number in (300, 100, 200)]),
            st.sampled_from([PHONE, NEW_PHONE]),
        ),
        max_size=6,
    )
)
def test_whose_a_number_is_stays_so_after_a_restart(links: list[tuple[Jid, Jid]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "notes.db"
        notes = Notes.open(path)
        for lid, phone in links:
            notes.link(lid, phone)
        before = [notes.lid_of(phone) for phone in (PHONE, NEW_PHONE)]
        notes.save()
        notes.close()
        notes = Notes.open(path)
        assert [notes.lid_of(phone) for phone in (PHONE, NEW_PHONE)] == before
        notes.close()
