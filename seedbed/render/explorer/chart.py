"""The linked charts of the explorer, by Altair: dots, the histogram under them, brushes over both.

The page fills in what is drawn: rows under the name ``items`` with ``id``, ``label``, ``model``,
``x`` and ``y``, and titles and names of models in place of ``X_TITLE`` and so on.
"""

from __future__ import annotations

import altair as alt

from seedbed.render import style

X_TITLE, Y_TITLE = "@x", "@y"
LEFT, RIGHT = "@left", "@right"
"""The model, and the one beside it."""
WIDTH, HEIGHT, BARS = 300, 230, 70
MODEL_COLORS = (style.BLUE, style.ORANGE)
"""Of the model on the left and of the one beside it."""
FAINT = "#c9c9c9"


def linked_charts() -> dict:
    """The Vega-Lite specification: a brush on dots narrows the bars, one on bars the dots."""
    brush = alt.selection_interval(name="brush")
    span = alt.selection_interval(name="span", encodings=["x"])
    of_model = alt.Scale(domain=[LEFT, RIGHT], range=MODEL_COLORS)
    models = alt.Color("model:N", scale=of_model, legend=None)
    base = alt.Chart(alt.NamedData(name="items"))
    dots = (
        base.mark_point(filled=True, size=34, stroke="white", strokeWidth=0.4)
        .encode(
            x=alt.X("x:Q", title=X_TITLE, scale=alt.Scale(zero=False, nice=True)),
            y=alt.Y("y:Q", title=Y_TITLE, scale=alt.Scale(zero=False, nice=True)),
            color=alt.condition(brush & span, models, alt.value(FAINT)),
            opacity=alt.condition(brush & span, alt.value(0.85), alt.value(0.5)),
            tooltip=[alt.Tooltip("label:N", title=" "), "x:Q", "y:Q"],
        )
        .add_params(brush)
        .properties(width=WIDTH, height=HEIGHT)
    )
    binned = alt.X("x:Q", bin=alt.Bin(maxbins=24), title=X_TITLE)
    count = alt.Y("count()", title="how many", stack=True)
    bars = base.encode(x=binned, y=count).properties(width=WIDTH, height=BARS)
    all_bars = bars.mark_bar(color=FAINT).add_params(span)
    brushed = bars.mark_bar().encode(color=models).transform_filter(brush)
    charts = alt.vconcat(dots, alt.layer(all_bars, brushed), spacing=8)
    return charts.configure_axis(grid=False, labelFontSize=11, titleFontSize=11).to_dict()


def library() -> str:
    """Vega, Vega-Lite and vega-embed as one script, so that the page needs no network."""
    import vl_convert

    return vl_convert.javascript_bundle()
