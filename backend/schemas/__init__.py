"""The bodies of the API, a module per noun. A spec, which experiments are made from, is core.spec."""
