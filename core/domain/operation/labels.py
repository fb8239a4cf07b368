"""How people quote an operation, its backup and its failure."""


def operation_label(number: int) -> str:
    """#0312"""
    return f"#{number:04d}"


def backup_label(number: int) -> str:
    """B-0312, for what the operation backed up."""
    return f"B-{number:04d}"


def failure_label(number: int) -> str:
    """E-0312, for an administrator to look up."""
    return f"E-{number:04d}"
