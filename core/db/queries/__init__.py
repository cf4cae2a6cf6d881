"""One module of queries per noun. None of them commits."""
