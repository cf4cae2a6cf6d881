"""One module per kind of chart: curves -> Plotly traces and layout."""
