"""Fills an embedded store with a few believable customers, for tests on either database."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import Connection, insert

from core.crm.embedded.indexing import index_customers
from core.crm.embedded.store import EmbeddedCrm
from core.crm.embedded.tables import (
    communications,
    contacts,
    customers,
    deals,
    invoices,
    memberships,
    segments,
)
from core.domain.audit import Pseudonyms
from core.storage.db import Database
from core.storage.uow import SqlUnitOfWork, StoreKeys

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
NAMES = (
    "北京宏远科技有限公司",
    "上海宏远贸易有限公司",
    "深圳市鸿源电子股份有限公司",
    "长沙银行股份有限公司",
    "查理",
    "Acme Trading Co., Ltd.",
    "阿里巴巴（中国）网络技术有限公司",
    "单田芳",
)
"""The names of C1, C2, … in this order. wang owns the customers with odd numbers, li those with even ones."""


@contextmanager
def opened(url: str) -> Iterator[Database]:
    keys = StoreKeys(bytes(32), Pseudonyms(bytes(32)), bytes(32))
    db = Database(url, partial(SqlUnitOfWork, keys))
    try:
        yield db
    finally:
        db.close()


def filled(db: Database) -> EmbeddedCrm:
    db.run_sync(lambda uow: fill(uow.connection))
    return EmbeddedCrm(db)


def fill(connection: Connection) -> None:
    connection.execute(insert(customers), [_customer(key, name) for key, name in enumerate(NAMES, 1)])
    for table, rows in _hanging().items():
        for row in rows:
            connection.execute(insert(table), row)
    index_customers(connection, range(1, len(NAMES) + 1))


def _customer(key: int, name: str) -> dict[str, Any]:
    return {
        "id": key,
        "number": f"C{key}",
        "name": name,
        "short_name": "阿里" if "阿里" in name else "",
        "phone": f"138-0000-567{key}",
        "owner": "wang" if key % 2 else "li",
        "level": "AB"[key % 2],
        "created_at": NOW - timedelta(days=400 + key),
        "last_contact_at": None if key == 5 else NOW - timedelta(days=30 * key),
        "version": key,
    }


def _hanging() -> dict[Any, list[dict[str, Any]]]:
    """Returns the rows that hang on customers, by table; most of them hang on C1."""
    at = NOW - timedelta(days=31)
    return {
        contacts: [
            {"customer_id": 1, "name": "王建国", "phone": "+86 139 1234 4321"},
            {"customer_id": 1, "name": "李梅", "phone": ""},
            {"customer_id": 6, "name": "Michael Chen", "phone": "010-66668888"},
        ],
        deals: [
            {"customer_id": 1, "number": "D1", "name": "一期", "amount": Decimal("48000.10"), "currency": "CNY"},
            {"customer_id": 1, "number": "D2", "name": "二期", "amount": Decimal("0.20"), "currency": "CNY"},
            {"customer_id": 1, "number": "D3", "amount": Decimal(9), "currency": "USD", "stage": "won"},
        ],
        invoices: [
            {"customer_id": 1, "number": "F1", "amount": Decimal("12.50"), "currency": "USD", "paid": 0},
            {"customer_id": 1, "number": "F2", "amount": Decimal(7), "currency": "USD", "paid": 1},
        ],
        communications: [
            {"customer_id": 1, "number": "R1", "at": at, "channel": "phone", "text": "问过报价"},
            {
                "customer_id": 1,
                "number": "R2",
                "at": NOW - timedelta(days=30),
                "channel": "wechat",
                "text": "好的",
            },
            {"customer_id": 2, "number": "R3", "at": at, "channel": "visit", "text": "拜访"},
        ],
        segments: [
            {"id": 1, "number": "G1", "name": "展会线索2024", "owner": "wang"},
            {"id": 2, "number": "G2", "name": "老客户", "owner": "li"},
        ],
        memberships: [
            {"segment_id": 1, "customer_id": 1},
            {"segment_id": 1, "customer_id": 2},
            {"segment_id": 2, "customer_id": 1},
        ],
    }
