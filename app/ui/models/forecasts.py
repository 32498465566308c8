"""The forecasts for the models on the page, computed off the GUI thread, one run at a time."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.services.models.listing import Offer, display_order

if TYPE_CHECKING:
    from app.services.models.listing import ModelListing
    from app.ui.runtime.bridge import Bridge


class Forecasts(QObject):
    """Computes the forecasts in the background.

    After the current run only the newest request is served: moving the slider does not queue a run for each step.
    """

    ready = Signal(object)  # the offers in their order, each with its forecast

    def __init__(
        self, listing: "ModelListing", bridge: "Bridge", failed: Callable[[Exception], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._offering, self._bridge, self._failed = listing, bridge, failed
        self._known: dict[str, Offer] = {}
        self._is_fresh = False
        self._is_busy = False
        self._request: tuple[list[Offer], bool] | None = None

    def mark_outdated(self) -> None:
        """Mark the forecasts as outdated: the free memory, or what is proposed, may have changed."""
        self._is_fresh = False

    def with_known_forecasts(self, offers: list[Offer]) -> list[Offer]:
        """The offers with their last known forecasts, in their order, until new ones are ready."""
        return sorted(map(self._as_known, offers), key=display_order)

    def _as_known(self, offer: Offer) -> Offer:
        known = self._known.get(offer.id)
        if known is None:
            return offer
        is_near = offer.is_near or known.is_near
        return replace(offer, forecast=known.forecast, is_proposed=known.is_proposed, is_near=is_near)

    def compute(self, offers: list[Offer]) -> None:
        """Compute what is proposed and how each model fits, unless that is up to date."""
        if not (self._is_fresh and self._known.keys() >= {offer.id for offer in offers}):
            self._submit(offers, is_whole=True)

    def compute_for_new_context(self, offers: list[Offer]) -> None:
        """Compute how each model fits; what is proposed stays the same."""
        self._submit(offers, is_whole=not self._is_fresh)

    def _submit(self, offers: list[Offer], *, is_whole: bool) -> None:
        was_whole = self._request is not None and self._request[1]
        self._request = (offers, is_whole or was_whole)
        if not self._is_busy:
            self._start_run()

    def _start_run(self) -> None:
        assert self._request is not None
        (offers, is_whole), self._request = self._request, None
        self._is_busy = True
        compute = self._offering.with_recommendations if is_whole else self._offering.with_forecasts
        self._bridge.run_in_thread(lambda: compute(offers), self._on_result, self._on_failure)

    def _on_failure(self, error: Exception) -> None:
        self._is_busy = False
        self._request = None
        self._failed(error)

    def _on_result(self, offers: list[Offer]) -> None:
        self._is_busy = False
        self._known = {offer.id: offer for offer in offers}
        if self._request is not None:  # the models folder or the slider has changed since
            self._start_run()
            return
        self._is_fresh = True
        self.ready.emit(offers)
