"""The normal form of what people type (width, spaces, control characters), and a shadow of it to find words in.

The shadow is the text letter by letter in lower case and simplified characters, so it has the same length. Words
are found in the shadow and names are cut from the text, so that a name keeps its own characters.
"""

import re
import unicodedata
from dataclasses import dataclass

MOST_CHARACTERS = 4096
"""Longer texts are cut. WeCom passes on at most 2,048 bytes (path/90239); other channels may pass on more."""

# Unicode categories: control and format characters (zero-width, direction marks), surrogates.
_DROPPED = frozenset({"Cc", "Cf", "Cs"})
_LINE_ENDS = re.compile(r"\r\n|[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")

_TRADITIONAL = (
    "廢刪徹銷毀復還撈誤歸檔體組戶據備份導載規則試運個隱請問協單詢詳頁證實確認過駁絕執彙總處辦應説說語幫"
    "誰麼為嗎沒聯繫係錄記聊談話電郵約訪談給我們這該條換轉讓權恢複範圍殘徵審辭無標註記歷史訊壞亂錯資數"
    "點開關閉業務與來發張補價競搶遷場滿產倒斷絡戲後來簽領撤銷審催進當從將練習級別結婁動靜聽寫廣號選兩"
    "對調夠輛裡裏嘗許禁經濟謝煩勞麻啟終止長時間樣會羣黃乾淨誌買牽連現見盡總項鐘單錄"
)
_SIMPLIFIED = (
    "废删彻销毁复还捞误归档体组户据备份导载规则试运个隐请问协单询详页证实确认过驳绝执汇总处办应说说语帮"
    "谁么为吗没联系系录记聊谈话电邮约访谈给我们这该条换转让权恢复范围残征审辞无标注记历史讯坏乱错资数"
    "点开关闭业务与来发张补价竞抢迁场满产倒断络戏后来签领撤销审催进当从将练习级别结娄动静听写广号选两"
    "对调够辆里里尝许禁经济谢烦劳麻启终止长时间样会群黄干净志买牵连现见尽总项钟单录"
)
_SIMPLER = {ord(old): new for old, new in zip(_TRADITIONAL, _SIMPLIFIED, strict=True)}
"""Only characters that occur in the words of the command language; names are never converted."""


@dataclass(frozen=True, slots=True)
class Said:
    """A text and its shadow. Every cut is made in both, so that they keep the same length."""

    text: str
    shadow: str

    def cut(self, start: int, end: int | None = None) -> "Said":
        return Said(self.text[start:end], self.shadow[start:end])

    def trim(self, signs: str = " \n") -> "Said":
        left = len(self.text) - len(self.text.lstrip(signs))
        return self.cut(left, max(left, len(self.text.rstrip(signs))))

    def without(self, start: int, end: int) -> "Said":
        return Said(self.text[:start] + " " + self.text[end:], self.shadow[:start] + " " + self.shadow[end:])

    def __bool__(self) -> bool:
        return bool(self.text)


def normalise(text: str) -> str:
    """Returns a text in NFKC without control characters and with single spaces.

    Line ends stay, because they separate the cells of a pasted column. Normalising twice changes nothing more.
    """
    return "\n".join(filter(None, map(_one_line, _LINE_ENDS.split(text))))


def _one_line(line: str) -> str:
    # A tab is a control character, but it separates words. U+FE00 to U+FE0F only choose how the sign before looks.
    spaced = line.replace("\t", " ")
    kept = "".join(c for c in spaced if unicodedata.category(c) not in _DROPPED and not "\ufe00" <= c <= "\ufe0f")
    return " ".join(unicodedata.normalize("NFKC", kept).split())


def fold(text: str) -> str:
    """Returns the shadow of a normalised text; both have the same length."""
    return "".join(map(_lower, text.translate(_SIMPLER)))


def _lower(character: str) -> str:
    lower = character.lower()
    # A few letters become two in lower case (İ); these stay, or the shadow would no longer fit the text.
    return lower if len(lower) == 1 else character


def said(text: str) -> Said:
    normal = normalise(text[:MOST_CHARACTERS])
    return Said(normal, fold(normal))
