"""The screens. The only place that knows Qt."""

from ui.none_kept import keep_none

keep_none()  # before the first call into Qt; see ui.none_kept
