"""Vietnamese encodings from before Unicode, and the evidence by which they are told apart.

Tables: TCVN 5712:1993 (its VN3 part is the ABC fonts' encoding), VISCII 1.1 (RFC 1456), VNI for Windows (base letter
and mark as two characters), windows-1258 (letters with combining tones; Python knows it).
"""

import codecs
import re
import unicodedata

_C0 = "".join(map(chr, range(0x80)))


def _with(changes: dict[int, str]) -> str:
    return "".join(changes.get(ord(c), c) for c in _C0)


_TABLES = {
    "tcvn3": _with(dict(zip((1, 2, 4, 5, 6, 17, 18, 19, 20, 21, 22, 23), "ÚỤỪỬỮỨỰỲỶỸÝỴ", strict=True)))
    + "ÀẢÃÁẠẶẬÈẺẼÉẸỆÌỈĨÍỊÒỎÕÓỌỘỜỞỠỚỢÙỦŨ\xa0ĂÂÊÔƠƯĐăâêôơưđẰ\u0300\u0309\u0303\u0301\u0323àảãáạẲằẳẵắẴẮẦẨẪẤỀặầẩẫấậ"
    "èỂẻẽéẹềểễếệìỉỄẾỒĩíịòỔỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵỐ",
    "viscii": _with(dict(zip((2, 5, 6, 20, 25, 30), "ẲẴẪỶỸỴ", strict=True)))
    + "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡưàáâãảăữẫ"
    "èéêẻìíĩỉđựòóôõỏọụùúũủýợỮ",
}

# VNI writes a letter and, after it, one mark. Two marks on one vowel have a character of their own.
_CIRCUMFLEX, _BREVE = "\u0302", "\u0306"
_TONES = {"ø": "\u0300", "ù": "\u0301", "û": "\u0309", "õ": "\u0303", "ï": "\u0323"}
_CIRCUMFLEXED = {"â": "", "à": "\u0300", "á": "\u0301", "å": "\u0309", "ã": "\u0303", "ä": "\u0323"}
_BREVED = {"ê": "", "è": "\u0300", "é": "\u0301", "ú": "\u0309", "ü": "\u0303", "ë": "\u0323"}


def _vni_pairs() -> dict[str, str]:
    pairs = {"ñ": "đ", "ô": "ơ", "ö": "ư", "ì": "ì", "í": "í", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}
    for letter, plain in zip("aeouyôö", "aeouyơư", strict=True):
        pairs |= {letter + mark: plain + tone for mark, tone in _TONES.items()}
    for letter in "aeo":
        pairs |= {letter + mark: letter + _CIRCUMFLEX + tone for mark, tone in _CIRCUMFLEXED.items()}
    pairs |= {"a" + mark: "a" + _BREVE + tone for mark, tone in _BREVED.items()}
    both: dict[str, str] = {}
    for pair, letter in pairs.items():
        letter = unicodedata.normalize("NFC", letter)
        both |= {pair: letter, pair.upper(): letter.upper(), pair[0].upper() + pair[1:]: letter.upper()}
    return both


_VNI = _vni_pairs()
_VNI_PAIR = re.compile("|".join(sorted(_VNI, key=len, reverse=True)))

#: Names under which these encodings are declared, beside the ones Python knows.
NAMES = {
    "tcvn": "tcvn3", "tcvn3": "tcvn3", "tcvn-5712": "tcvn3", "tcvn5712-1": "tcvn3", "tcvn5712-1:1993": "tcvn3",
    "x-viet-tcvn5712": "tcvn3", "x-viet-tcvn": "tcvn3", "abc": "tcvn3", "viscii": "viscii", "viscii1.1-1": "viscii",
    "csviscii": "viscii", "x-viscii": "viscii", "vni": "vni", "x-viet-vni": "vni", "vni-windows": "vni",
    "windows-1258": "windows-1258", "cp1258": "windows-1258", "1258": "windows-1258", "x-cp1258": "windows-1258",
    "win-1258": "windows-1258",
}  # fmt: skip

ENCODINGS = ("windows-1258", "tcvn3", "viscii", "vni")


def decode_legacy(body: bytes, encoding: str) -> str:
    """`body` read in one of `ENCODINGS`, as NFC. Bytes without a meaning become U+FFFD."""
    if encoding == "windows-1258":
        text = body.decode("cp1258", "replace")
    elif encoding == "vni":
        text = _VNI_PAIR.sub(lambda pair: _VNI[pair[0]], body.decode("cp1252", "replace"))
    else:
        text, _ = codecs.charmap_decode(body, "replace", _TABLES[encoding])
    return unicodedata.normalize("NFC", text)


#: A syllable after its tone was taken off: onset, vowels, ending. Nothing else is Vietnamese; 30 % of random letters
#: and most words of other languages are not.
_SYLLABLE = re.compile(
    "(?:ngh|ng|nh|gh|gi|kh|ch|th|tr|ph|qu|[bcdđghklmnprstvx])?"
    "(?:iêu|yêu|uôi|ươi|ươu|oai|oay|oeo|uây|uyê|uya|uêu|uyu|oao|ai|ao|au|ay|âu|ây|eo|êu|ia|iê|yê|iu|oa|oă|oe|oi|ôi|ơi|oo|ua|uâ|uă"
    "|uê|ui|uô|uơ|uy|ưa|ưi|ươ|ưu|[aăâeêioôơuưy])"
    "(?:ch|nh|ng|[cmnpt])?"
)
_WORD = re.compile(r"[^\W\d_]+")
#: Endings that only go with a rising or a heavy tone.
_STOPS = ("c", "ch", "p", "t")
_TONE = re.compile("[\u0300\u0301\u0303\u0309\u0323]")
#: Words that are looked at; a fraction of them tells as much as all.
_SAMPLE = 400


def vietnamese_share(text: str) -> tuple[float, int]:
    """How much of the text beyond ASCII is possible Vietnamese: share of its words from 0 to 1, and their number."""
    possible = seen = 0
    for word in _WORD.findall(text):
        if word.isascii():
            continue
        seen += 1
        possible += _is_syllable(word)
        if seen == _SAMPLE:
            break
    return (possible / seen if seen else 0.0), seen


def _is_syllable(word: str) -> bool:
    # A capital inside a word is the mark of a wrong table: TCVN read as VISCII looks like "tÕnh".
    # And ñ, which stands for đ or ủ elsewhere, is no n with a tone.
    if len(word) > 7 or "ñ" in word or not (word.islower() or word.istitle() or word.isupper()):
        return False
    apart = unicodedata.normalize("NFD", word.lower())
    tones = _TONE.findall(apart)
    if len(tones) > 1 or (apart.endswith(_STOPS) and tones not in (["\u0301"], ["\u0323"])):
        return False
    return _SYLLABLE.fullmatch(unicodedata.normalize("NFC", _TONE.sub("", apart))) is not None
