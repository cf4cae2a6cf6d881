"""A run as a self-contained PyTorch script: parts of code for each thing that a spec can choose, and their composition.

The parts are text: the API imports no torch. They are tested by running the scripts beside the engine.
"""
