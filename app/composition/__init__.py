"""Puts the program together: the only package that imports every layer.

`desk` opens or founds a desk, `demo` fills one with an invented mall, `machines` connects the counter's devices,
`window` puts the screens before all of it. Qt is imported only by `window` and `tour`: a headless desk has none."""
