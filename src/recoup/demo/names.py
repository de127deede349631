"""Names of the demo bank: people, firms, branches, teams and officers; all invented."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recoup.demo.columns import AnyInts, Flags, Ints

BRANCHES = (
    "城东支行",
    "城西支行",
    "滨江支行",
    "高新支行",
    "老城支行",
    "开发区支行",
    "湖西支行",
    "大学城支行",
)
BRANCH_SHARES = (0.19, 0.16, 0.15, 0.13, 0.12, 0.1, 0.08, 0.07)

TEAMS = ("信用卡一组", "信用卡二组", "个贷组", "网贷组", "房贷组", "对公小微组")

REGIONS = ("浙江省", "江苏省", "安徽省", "江西省", "上海市", "四川省", "广东省", "河南省")
REGION_SHARES = (0.62, 0.1, 0.08, 0.06, 0.05, 0.03, 0.03, 0.03)

OFFICERS_PER_BRANCH = 5

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢"
    "姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙史陶贺顾毛郝龚邵"
)
_GIVEN_MEN = "伟强磊军洋勇杰涛超明刚平辉鹏华飞波斌宇浩凯健俊帆帅旭宁龙林建国志海文彬博峰毅晨睿航"
_GIVEN_WOMEN = "芳娜敏静丽艳娟霞秀英玲桂兰燕萍红梅琳婷雪慧颖洁倩莉丹蕾欣怡佳琪梦雅诗涵雨晓月云凤珍"
_BRANDS = (
    "恒",
    "瑞",
    "华",
    "鑫",
    "泰",
    "盛",
    "宏",
    "德",
    "嘉",
    "润",
    "丰",
    "凯",
    "天",
    "源",
    "信",
    "和",
)
_BRAND_ENDS = ("达", "通", "业", "隆", "祥", "诚", "宇", "程", "利", "兴", "佳", "联", "安", "顺")
_TRADES = (
    "商贸",
    "机械",
    "纺织",
    "食品",
    "建材",
    "物流",
    "电子科技",
    "装饰工程",
    "农业发展",
    "塑料制品",
    "汽车服务",
    "医疗器械",
)
_SHOPS = (
    "餐饮店",
    "便利店",
    "五金店",
    "服装店",
    "水果店",
    "理发店",
    "建材经营部",
    "汽修厂",
    "早餐店",
)


def _taken(characters: str | tuple[str, ...], positions: AnyInts) -> pa.Array:
    return pa.array(list(characters), pa.string()).take(pa.array(positions))


def _joined(*parts: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "")


def _skewed(chance: np.random.Generator, choices: int, size: int) -> Ints:
    """Yield positions in a list whose first entries are the common ones."""
    drawn = chance.random(size) ** 2 * choices
    return drawn.astype(np.int64)


def personal_names(chance: np.random.Generator, *, is_man: Flags) -> pa.Array:
    """Yield names of a surname and one or two given characters."""
    size = len(is_man)
    surnames = _taken(tuple(_SURNAMES), _skewed(chance, len(_SURNAMES), size))
    men = tuple(_GIVEN_MEN)
    women = tuple(_GIVEN_WOMEN)
    choice = pa.array(is_man)
    first = pc.if_else(
        choice,
        _taken(men, chance.integers(0, len(men), size)),
        _taken(women, chance.integers(0, len(women), size)),
    )
    second = pc.if_else(
        choice,
        _taken(men, chance.integers(0, len(men), size)),
        _taken(women, chance.integers(0, len(women), size)),
    )
    second = pc.if_else(pa.array(chance.random(size) < 0.25), "", second)
    return _joined(surnames, first, second)


def firm_names(chance: np.random.Generator, *, size: int) -> pa.Array:
    """Yield names of limited companies."""
    return _joined(
        _taken(_BRANDS, chance.integers(0, len(_BRANDS), size)),
        _taken(_BRAND_ENDS, chance.integers(0, len(_BRAND_ENDS), size)),
        _taken(_TRADES, chance.integers(0, len(_TRADES), size)),
        pa.array(["有限公司"] * size),
    )


def shop_names(chance: np.random.Generator, *, size: int) -> pa.Array:
    """Yield names of individual traders: the keeper's surname and the shop."""
    return _joined(
        _taken(tuple(_SURNAMES), _skewed(chance, len(_SURNAMES), size)),
        pa.array(["记"] * size),
        _taken(_SHOPS, chance.integers(0, len(_SHOPS), size)),
    )


def officer_names(*, seed: int) -> pa.Array:
    """Yield the loan officers of all branches, ``OFFICERS_PER_BRANCH`` each, in branch order."""
    chance = np.random.default_rng([seed, 0x0FF1CE])
    size = len(BRANCHES) * OFFICERS_PER_BRANCH
    return personal_names(chance, is_man=chance.random(size) < 0.5)
