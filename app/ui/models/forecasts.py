"""The forecasts of the models on the page: weighed off the window's thread, one look after the other."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.services.models.listing import Offer, shelf_order

if TYPE_CHECKING:
    from app.services.models.listing import Offering
    from app.ui.runtime.bridge import Bridge


class Forecasts(QObject):
    """`found` brings the offers in their order, each with its forecast.

    Only the newest wish is worked on after the look that runs: whoever moves a slider need not wait for each step.
    """

    found = Signal(object)

    def __init__(
        self, offering: "Offering", bridge: "Bridge", failed: Callable[[Exception], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._offering, self._bridge, self._failed = offering, bridge, failed
        self._known: dict[str, Offer] = {}
        self._is_fresh = False
        self._is_busy = False
        self._wish: tuple[list[Offer], bool] | None = None

    def grow_old(self) -> None:
        """What is free, and what is proposed, may be something else by now."""
        self._is_fresh = False

    def with_known(self, offers: list[Offer]) -> list[Offer]:
        """The offers with what was found for them the last time, until it is found anew."""
        return sorted(map(self._as_known, offers), key=shelf_order)

    def _as_known(self, offer: Offer) -> Offer:
        known = self._known.get(offer.id)
        if known is None:
            return offer
        is_near = offer.is_near or known.is_near
        return replace(offer, forecast=known.forecast, is_proposed=known.is_proposed, is_near=is_near)

    def weigh(self, offers: list[Offer]) -> None:
        """Find out what is proposed and how each fits, unless that is known."""
        if not (self._is_fresh and self._known.keys() >= {offer.id for offer in offers}):
            self._ask(offers, is_whole=True)

    def weigh_for_another_context(self, offers: list[Offer]) -> None:
        """Find out how each fits; what is proposed stays."""
        self._ask(offers, is_whole=not self._is_fresh)

    def _ask(self, offers: list[Offer], *, is_whole: bool) -> None:
        was_whole = self._wish is not None and self._wish[1]
        self._wish = (offers, is_whole or was_whole)
        if not self._is_busy:
            self._begin()

    def _begin(self) -> None:
        assert self._wish is not None
        (offers, is_whole), self._wish = self._wish, None
        self._is_busy = True
        look = self._offering.weighed if is_whole else self._offering.forecasts
        self._bridge.apart(lambda: look(offers), self._take, self._give_up)

    def _give_up(self, error: Exception) -> None:
        self._is_busy = False
        self._wish = None
        self._failed(error)

    def _take(self, weighed: list[Offer]) -> None:
        self._is_busy = False
        self._known = {offer.id: offer for offer in weighed}
        if self._wish is not None:  # the shelf or the slider has moved since
            self._begin()
            return
        self._is_fresh = True
        self.found.emit(weighed)
