"""Methods that impose a layout, drawn and judged side by side."""
