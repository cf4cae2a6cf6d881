"""Entity tags: of a page of the list, and of the version of an experiment."""
