"""The labels by which people quote an operation, its backup and its failure."""


def operation_label(number: int) -> str:
    """Returns the label of an operation, such as #0312."""
    return f"#{number:04d}"


def backup_label(number: int) -> str:
    """Returns the label of an operation's backup, such as B-0312."""
    return f"B-{number:04d}"


def failure_label(number: int) -> str:
    """Returns the label of a failed operation, such as E-0312, by which an administrator looks it up."""
    return f"E-{number:04d}"
