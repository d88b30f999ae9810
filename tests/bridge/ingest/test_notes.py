"""What the ingest remembers is the same before and after a restart."""

from pathlib import Path

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
