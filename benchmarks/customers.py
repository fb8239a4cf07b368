"""Makes a million realistic customers from a fixed seed, for the benchmarks of the embedded store."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, insert, text

from core.crm.embedded.indexing import chunks, rebuild_index
from core.crm.embedded.tables import contacts, customers, metadata
from core.domain.name_parts import REGIONS

NOW = datetime(2026, 6, 1, tzinfo=UTC)
REPS = 5000
"""The number of reps, of whom each owns 200 of 1,000,000 customers."""
# Characters of brand names; most brands have two of them.
_SIGNS = (
    "宏远达盛华泰恒信中正天成金鼎瑞丰永兴隆昌荣嘉禾百川万象云海星辰光明智慧创新联合众诚博雅德美佳和顺安康宁静致"
    "飞龙腾凤凰鹏翔鸿运通源泉润泽江河湖山岳峰岭松柏竹梅兰菊莲荷雨露霜雪冰晶银铜铁钢石玉宝珠琳琅珍珊瑚翡翠东方西"
    "南北春夏秋冬朝阳夕霞晨曦晓月旭日升启航帆舟船桥路道行知思源本立生合力同心共赢优品精工匠艺尚风雅韵乐府书香墨"
    "京沪粤港澳台湘鄂赣皖苏浙闽桂琼渝蜀黔滇藏秦陇青宁新蒙辽吉黑冀晋豫鲁津三五六七八九十千亿元亨利贞乾坤震巽坎离"
)
_INDUSTRIES = (
    "科技",
    "贸易",
    "实业",
    "网络科技",
    "信息技术",
    "电子",
    "电器",
    "机械设备",
    "生物科技",
    "医药",
    "食品",
    "餐饮管理",
    "文化传媒",
    "广告",
    "教育咨询",
    "建筑工程",
    "装饰工程",
    "物流",
    "供应链管理",
    "国际贸易",
    "进出口",
    "服饰",
    "家具",
    "建材",
    "五金",
    "化工",
    "新材料",
    "新能源",
    "环保科技",
    "投资管理",
    "企业管理",
    "人力资源",
    "汽车销售",
    "酒店管理",
)
_FORMS = ("有限公司",) * 8 + ("股份有限公司", "有限责任公司", "集团有限公司")
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高"


def make_names(count: int, seed: int = 7) -> Iterator[str]:
    """Yields names of region, brand, industry and legal form; the same seed gives the same names."""
    chance = random.Random(seed)
    regions = sorted(REGIONS)
    for _ in range(count):
        brand = "".join(chance.choices(_SIGNS, k=2 if chance.random() < 0.6 else 3))
        region = chance.choice(regions) if chance.random() < 0.8 else ""
        yield f"{region}{brand}{chance.choice(_INDUSTRIES)}{chance.choice(_FORMS)}"


def fill(engine: Engine, count: int) -> None:
    """Makes `count` customers and indexes them; every third has a contact person, and 3 % are voided."""
    metadata.create_all(engine)
    for chunk in chunks(_rows(count), 20_000):
        with engine.begin() as connection:
            connection.execute(insert(customers), chunk)
            connection.execute(insert(contacts), list(_people(chunk)))
    # Indexed at the end and at once, which is much faster than with each chunk.
    with engine.begin() as connection:
        rebuild_index(connection)
    # VACUUM cannot run in a transaction.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        settle(connection)


def settle(connection: Connection) -> None:
    """Gathers statistics, and on PostgreSQL cleans up, as a database in use does from time to time."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("VACUUM ANALYZE"))
    else:
        connection.execute(text("ANALYZE"))


def _rows(count: int) -> Iterator[dict[str, Any]]:
    chance = random.Random(11)
    for number, name in enumerate(make_names(count), 1):
        spoken = chance.random() < 0.9
        yield {
            "id": number,
            "number": f"C{number}",
            "name": name,
            "phone": f"1{chance.randrange(3 * 10**9, 10**10)}",
            "owner": f"rep{number % REPS}",
            "level": chance.choice("ABC"),
            "status": "voided" if chance.random() < 0.03 else "active",
            "created_at": NOW - timedelta(days=chance.uniform(0, 1500)),
            "last_contact_at": NOW - timedelta(days=chance.expovariate(1 / 120)) if spoken else None,
        }


def _people(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    # Seeded by the chunk's first id, so that each chunk has its own names and every run the same.
    chance = random.Random(rows[0]["id"])
    for row in rows[::3]:
        name = chance.choice(_SURNAMES) + "".join(chance.choices(_SIGNS, k=2))
        yield {"customer_id": row["id"], "name": name, "phone": f"1{chance.randrange(3 * 10**9, 10**10)}"}
