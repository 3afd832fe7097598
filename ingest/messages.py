"""Every sentence this package says, in Chinese and English, by code."""

# A code may carry a detail after a colon ("text_too_long:100000"), so that a stored code is enough to
# say the sentence again.
SENTENCES: dict[str, tuple[str, str]] = {
    # A file.
    "empty_file": ("文件是空的，没有任何内容。", "The file is empty."),
    "no_rows": ("文件只有表头，没有数据行。", "The file has a header and no rows."),
    # The detail of these two is a library's own words, in English.
    "corrupt": (
        "文件已损坏或不完整，无法继续读取。请重新导出后再上传。",
        "The file is broken or incomplete ({detail}). Export it again and retry.",
    ),
    "not_a_workbook": (
        "这不是完整的 xlsx 工作簿：可能只改了扩展名，或没有传完。请用 Excel 或 WPS 另存为 xlsx 后再上传。",
        "This is no whole xlsx workbook ({detail}). Save it as xlsx again and retry.",
    ),
    "truncated": (
        "压缩文件不完整（被截断）。请重新上传完整的文件。",
        "The compressed file is cut short. Upload the whole file.",
    ),
    "line_too_long": (
        "一行超过 {limit} 字节，这不像是表格文件。",
        "A line is longer than {limit} bytes; this does not look like a table.",
    ),
    "too_large": (
        "解压后超过上限 {limit} 字节，已停止读取。请拆分后再上传。",
        "It unpacks to more than {limit} bytes, so reading stopped. Split the file.",
    ),
    "zip_bomb": (
        "压缩比异常（{ratio} 倍），为安全起见未打开该文件。",
        "The compression ratio ({ratio}) is abnormal, so the file was not opened.",
    ),
    "unsupported": (
        "不支持该文件格式（{detail}）。请使用 CSV、xlsx、JSON lines 或 Parquet（可用 .gz 压缩）。",
        "This format is not supported ({detail}). Use CSV, xlsx, JSON lines or Parquet, plain or .gz.",
    ),
    "unsupported_encoding": (
        "不支持编码 {detail}。请另存为 UTF-8 或 GB18030（GBK）。",
        "The encoding {detail} is not supported. Save the file as UTF-8 or GB18030 (GBK).",
    ),
    "bad_header": (
        "表头含有无法按 {encoding} 解码的字节（文件第 {offset} 字节）。",
        "The header holds a byte that is not {encoding} (byte {offset} of the file).",
    ),
    "missing_columns": (
        "缺少必需的列：{missing}。文件中的列：{found}。可接受的列名：{accepted}。",
        "Required columns are missing: {missing}. Found: {found}. Accepted names: {accepted}.",
    ),
    "unknown_column": (
        "映射中的列不存在：{missing}。文件中的列：{found}。",
        "The mapping names columns that are not there: {missing}. Found: {found}.",
    ),
    "unknown_field": (
        "映射的目标字段无效：{missing}。可用字段：{accepted}。",
        "The mapping names unknown fields: {missing}. Fields: {accepted}.",
    ),
    "duplicate_field": (
        "多个列对应同一字段 {missing}：{found}。请只保留一个。",
        "Several columns are mapped to {missing}: {found}. Keep one.",
    ),
    "unknown_kind": ("未知的数据类型：{detail}。", "Unknown kind of data: {detail}."),
    # A row.
    "undecodable": (
        "含有无法解码的字节（文件第 {detail} 字节）",
        "holds a byte that cannot be decoded (byte {detail} of the file)",
    ),
    "nul": ("含有 NUL（空）字符", "holds a NUL character"),
    "invalid_character": ("含有无效字符 {detail}", "holds the invalid character {detail}"),
    "too_few_fields": ("列数不足：{detail}", "too few fields: {detail}"),
    "too_many_fields": ("列数过多：{detail}", "too many fields: {detail}"),
    "unclosed_quote": ("引号没有闭合", "a quote is never closed"),
    "malformed": ("该行格式有误：{detail}", "the line is malformed: {detail}"),
    "invalid_json": ("不是有效的 JSON 对象：{detail}", "not a valid JSON object: {detail}"),
    "missing_value": ("必填项为空", "a required value is missing"),
    "not_text": ("应为文字", "should be text"),
    "text_too_long": (
        "文字过长（{detail} 个字符，超出上限）",
        "the text is too long ({detail} characters, above the limit)",
    ),
    "lost_digits": (
        "编号被表格软件改成了数字，尾数已丢失。请把该列设为文本后重新导出",
        "a spreadsheet turned this id into a number and lost digits; export the column as text",
    ),
    "not_a_date": (
        "不是可识别的日期，应形如 2026-11-11",
        "not a date that can be read; write it like 2026-11-11",
    ),
    "no_such_date": ("不存在这样的日期或时间", "there is no such date or time"),
    "date_out_of_range": ("日期应在 1990 年到 2099 年之间", "the date should be between 1990 and 2099"),
    "not_a_number": ("不是数字", "not a number"),
    "not_whole": ("应为整数", "should be a whole number"),
    "negative": ("不能为负数", "must not be negative"),
    "number_too_large": ("数字过大", "the number is too large"),
    "rating_out_of_range": ("评分应在 1 到 5 之间", "a rating is between 1 and 5"),
    "not_analysed": (
        "无法分析，已单独搁置，其他行不受影响：{detail}",
        "cannot be analysed and was put aside, the other rows are not affected: {detail}",
    ),
    "not_a_boolean": (
        "应为是/否、1/0 或 true/false",
        "should be yes/no, 1/0, true/false or 是/否",
    ),
}
UNKNOWN = ("该行无法读取（{code}）", "the row cannot be read ({code})")


def sentence(code: str, language: str, **details: object) -> str:
    """Return the sentence of a code in ``"zh"`` or ``"en"``; details not given read ``?``."""
    name, _, detail = code.partition(":")
    template = SENTENCES.get(name, UNKNOWN)[0 if language.startswith("zh") else 1]
    return template.format_map(_Details(details, detail=detail or details.get("detail", "?"), code=name))


def place(line: int | None, column: str | None, language: str) -> str:
    """Return ``第 3 行，「评分」列：`` or its English form; empty when nothing is known."""
    chinese = language.startswith("zh")
    parts = []
    if line is not None:
        parts.append(f"第 {line} 行" if chinese else f"line {line}")
    if column:
        parts.append(f"「{column}」列" if chinese else f"column {column!r}")
    if not parts:
        return ""
    return "，".join(parts) + "：" if chinese else ", ".join(parts) + ": "


class _Details(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "?"
