"""What the mall decides about its slips, tried out before it counts: a logo from a picture file, and a sample slip."""

from __future__ import annotations

from app.domain.slip_look import DocumentName, Logo, SlipLook
from printing.composing import composed
from printing.renderers.paper_profile import ROLL_58, ROLL_80
from printing.samples import sample


class SlipDesign:
    """`app.ports.paper.SlipDesigner`. What draws is loaded when it is first needed: few desks ever do."""

    def logo_of(self, file: bytes) -> Logo:
        from printing.logo import logo_of

        return logo_of(file)

    def sample_png(
        self, look: SlipLook, *, mall_name: str, zone: str, document: DocumentName, paper_mm: int, language: str
    ) -> bytes:
        from printing.renderers.preview import preview_png

        slip = sample(document, look.of(document), mall_name=mall_name, zone=zone, language=language)
        return preview_png(composed(slip, language), ROLL_58 if paper_mm <= 58 else ROLL_80)
