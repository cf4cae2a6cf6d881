"""Charts, a module per kind: curves to Plotly traces and layout."""
