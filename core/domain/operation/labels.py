"""The labels by which people quote an operation, its backup and its failure."""

operation_label = "#{:04d}".format
"""Returns the label of an operation, such as #0312."""

backup_label = "B-{:04d}".format
"""Returns the label of an operation's backup, such as B-0312."""

failure_label = "E-{:04d}".format
"""Returns the label of a failed operation, such as E-0312, by which an administrator looks it up."""
