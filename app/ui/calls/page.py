"""The registration of the page of calls."""

from typing import TYPE_CHECKING

from app.ui.navigation.page import Group, Page

if TYPE_CHECKING:
    from app.ui.calls.calls_page import CallsPage
    from app.ui.navigation.page_frame import PageFrame


def _make(frame: "PageFrame") -> "CallsPage":
    from app.ui.calls.calls_page import CallsPage

    page = CallsPage(frame.theme, frame.session, frame.bridge, frame, frame)
    page.call.transcript.plays_on_click = frame.application.settings.current.plays_on_click
    frame.plays_on_click_chosen.connect(page.call.transcript.set_plays_on_click)
    settings, player = frame.application.settings, page.call.player
    for setting in ("playback_speed", "skips_silence"):
        player.take_choice(setting, getattr(settings.current, setting))
    player.choices.chosen.connect(
        lambda setting, value: frame.bridge.run_in_thread(
            lambda: settings.change(**{setting: value}), lambda _: None, frame.notice.show_error
        )
    )
    page.counted.connect(lambda count: frame.badge_changed.emit(PAGE.key, str(count) if count else ""))
    return page


PAGE: "Page[CallsPage]" = Page("calls", "Calls", Group.MAIN, 20, _make, is_made_at_start=True)
