"""The screens. The only place that knows Qt."""

from ui.singletons_kept import keep_singletons

keep_singletons()  # before the first call into Qt; see ui.singletons_kept
