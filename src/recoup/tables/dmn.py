"""DMN 1.1 to 1.5 models read from XML: no DTD, no entities, no network; refusals name the place."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import cast

from lxml import etree

from recoup.tables import syntax
from recoup.tables.dmn_types import ItemTypes, Shape
from recoup.tables.lexer import UnreadableFeel
from recoup.tables.model import Decision, Model
from recoup.tables.parsing import parse_expression, parse_tests
from recoup.tables.table import (
    Aggregation,
    Cell,
    DecisionTable,
    HitPolicy,
    InputColumn,
    OutputCell,
    OutputColumn,
    Row,
)
from recoup.tables.unary import ColumnType, UnaryTests, UnreadableCell, unary_of

LARGEST_MODEL_BYTES = 32 * 1024 * 1024
NAMESPACES = {
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20180521/MODEL/": "1.2",
    "https://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
    "https://www.omg.org/spec/DMN/20211108/MODEL/": "1.4",
    "https://www.omg.org/spec/DMN/20230324/MODEL/": "1.5",
}
_BODIES = (
    *("decisionTable", "literalExpression", "context", "invocation", "list", "relation"),
    *("functionDefinition", "encapsulatedLogic", "conditional", "for", "some", "every", "filter"),
)
_HIT_POLICIES = (*("UNIQUE", "FIRST", "PRIORITY", "ANY", "RULE ORDER", "OUTPUT ORDER", "COLLECT"),)
_AGGREGATIONS = ("SUM", "COUNT", "MIN", "MAX")


class ModelRefused(ValueError):
    """A model that cannot be read: ``element``, ``line``, and the reason in ``zh`` and ``en``."""

    def __init__(self, *, element: str, line: int, zh: str, en: str) -> None:
        self.element = element
        self.line = line
        self.zh = f"第{line}行，元素 {element}：{zh}"
        self.en = f"line {line}, element {element}: {en}"
        super().__init__(f"{self.en} / {self.zh}")


def read_model(source: str | Path | bytes) -> Model:
    """Yield the decision model of a DMN file, given by path or as bytes.

    Errors: ModelRefused with element, line and reason; nothing is half loaded.
    """
    root = _root(_bytes_of(source))
    return _Reader(root).model()


def _bytes_of(source: str | Path | bytes) -> bytes:
    if isinstance(source, bytes):
        data = source
    else:
        try:
            data = Path(source).read_bytes()
        except OSError as stop:
            reason = stop.strerror or str(stop)
            raise ModelRefused(
                element="definitions",
                line=0,
                zh=f"文件 {source} 打不开（{reason}）",
                en=f"the file {source} cannot be opened ({reason})",
            ) from None
    if len(data) > LARGEST_MODEL_BYTES:
        raise ModelRefused(
            element="definitions",
            line=0,
            zh=f"文件超过{LARGEST_MODEL_BYTES}字节",
            en=f"the file is larger than {LARGEST_MODEL_BYTES} bytes",
        )
    return data


def _root(data: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        dtd_validation=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as stop:
        raise ModelRefused(
            element="definitions",
            line=stop.lineno or 0,
            zh=f"不是格式正确的 XML（{stop.msg}）",
            en=f"this is not well-formed XML ({stop.msg})",
        ) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise ModelRefused(
            element="!DOCTYPE",
            line=1,
            zh="不接受 DOCTYPE 和实体声明，请删除",
            en="a DOCTYPE with its entities is not accepted; remove it",
        )
    namespace = etree.QName(root).namespace
    if etree.QName(root).localname != "definitions" or namespace not in NAMESPACES:
        raise ModelRefused(
            element=etree.QName(root).localname,
            line=cast(int, root.sourceline or 0),
            zh="根元素应为 DMN 1.1 至 1.5 的 definitions",
            en="the root should be the definitions of DMN 1.1 to 1.5",
        )
    return root


@dataclass
class _Reader:
    root: etree._Element

    def __post_init__(self) -> None:
        self.namespace = str(etree.QName(self.root).namespace)
        self.types = ItemTypes(self.root, self.namespace)
        self.names = frozenset(
            name for name in self._every_name() if not name.isidentifier() and name
        )
        self.by_id: dict[str, etree._Element] = {}

    def model(self) -> Model:
        for element in self._children(self.root, "import"):
            raise self._refused(
                element, zh="不支持引用其他模型文件", en="models that import others are not read"
            )
        decisions = list(self._children(self.root, "decision"))
        knowledge = list(self._children(self.root, "businessKnowledgeModel"))
        inputs = list(self._children(self.root, "inputData"))
        self._index([*decisions, *knowledge, *inputs])
        read_knowledge = dict(map(self._named_knowledge, knowledge))
        read_decisions = dict(map(self._named_decision, decisions))
        if not read_decisions and not read_knowledge:
            raise self._refused(self.root, zh="模型里没有决策", en="the model holds no decision")
        elements = {self._name(element): element for element in [*decisions, *knowledge]}
        order = self._in_order({**read_knowledge, **read_decisions}, elements)
        return Model(
            name=self.root.get("name", ""),
            decisions={name: read_decisions[name] for name in order if name in read_decisions},
            knowledge={name: read_knowledge[name] for name in order if name in read_knowledge},
            inputs={self._name(element): self._variable_shape(element) for element in inputs},
        )

    # -- names, places, refusals ------------------------------------------------------------

    def _every_name(self) -> Iterator[str]:
        tags = (
            *("decision", "inputData", "businessKnowledgeModel", "variable", "itemComponent"),
            *("formalParameter", "parameter", "output", "column", "decisionService"),
        )
        for tag in tags:
            for element in self.root.iter(f"{{{self.namespace}}}{tag}"):
                yield " ".join((element.get("name") or "").split())
        for element in self.root.iter(f"{{{self.namespace}}}itemDefinition"):
            yield " ".join((element.get("name") or "").split())

    def _children(self, element: etree._Element, tag: str) -> Iterator[etree._Element]:
        return element.iterchildren(f"{{{self.namespace}}}{tag}")

    def _child(self, element: etree._Element, tag: str) -> etree._Element | None:
        return next(self._children(element, tag), None)

    def _refused(self, element: etree._Element, *, zh: str, en: str) -> ModelRefused:
        label = etree.QName(element).localname
        name = element.get("id") or element.get("name")
        return ModelRefused(
            element=f"{label} {name}" if name else label, line=_line(element), zh=zh, en=en
        )

    def _name(self, element: etree._Element) -> str:
        name = " ".join((element.get("name") or "").split())
        if not name:
            raise self._refused(element, zh="缺少名称", en="the name is missing")
        return name

    def _index(self, elements: list[etree._Element]) -> None:
        seen: set[str] = set()
        for element in elements:
            name = self._name(element)
            if name in seen:
                raise self._refused(
                    element, zh=f"名称“{name}”出现两次", en=f'the name "{name}" is used twice'
                )
            seen.add(name)
            self.by_id[element.get("id", name)] = element

    def _variable_shape(self, element: etree._Element) -> Shape:
        variable = self._child(element, "variable")
        return Shape() if variable is None else self.types.shape(variable)

    def _variable_type(self, element: etree._Element) -> str | None:
        variable = self._child(element, "variable")
        return None if variable is None else self.types.of(variable)

    def _text(self, element: etree._Element) -> str:
        text = self._child(element, "text")
        return "" if text is None else _inner(text)

    def _expression(self, element: etree._Element, text: str) -> syntax.Node:
        try:
            return parse_expression(text=text, names=self.names)
        except UnreadableFeel as stop:
            raise self._refused(element, zh=stop.zh, en=stop.en) from None

    def _tests(self, element: etree._Element, text: str) -> syntax.Tests:
        try:
            return parse_tests(text=text, names=self.names)
        except UnreadableFeel as stop:
            raise self._refused(element, zh=stop.zh, en=stop.en) from None

    # -- requirements -----------------------------------------------------------------------

    def _required(self, element: etree._Element) -> tuple[str, ...]:
        found: list[str] = []
        for requirement in ("informationRequirement", "knowledgeRequirement"):
            for one in self._children(element, requirement):
                found.extend(self._referred(child) for child in one if child.get("href"))
        return tuple(name for name in found if name)

    def _referred(self, reference: etree._Element) -> str:
        target = (reference.get("href") or "").rpartition("#")[2]
        if target in self.by_id:
            return self._name(self.by_id[target])
        services = self.root.iter(f"{{{self.namespace}}}decisionService")
        if any(service.get("id") == target for service in services):
            return ""
        raise self._refused(
            reference,
            zh=f"引用的元素“{target}”不存在",
            en=f'it refers to "{target}", which the model does not hold',
        )

    def _in_order(
        self, known: dict[str, Decision], elements: dict[str, etree._Element]
    ) -> list[str]:
        """Yield names so that each comes after all it requires; refuse a circle."""
        done: list[str] = []
        finished: set[str] = set()
        for start in known:
            path: list[tuple[str, Iterator[str]]] = []
            open_names: set[str] = set()
            waiting: str | None = start
            while waiting is not None or path:
                if waiting is not None and waiting in open_names:
                    circle = " -> ".join([*(name for name, _ in path), waiting])
                    raise self._refused(
                        elements[waiting],
                        zh=f"决策相互依赖成环：{circle}",
                        en=f"decisions require each other in a circle: {circle}",
                    )
                if waiting is not None and waiting in known and waiting not in finished:
                    path.append((waiting, iter(known[waiting].requires)))
                    open_names.add(waiting)
                waiting = next(path[-1][1], None) if path else None
                if path and waiting is None:
                    name, _ = path.pop()
                    open_names.discard(name)
                    finished.add(name)
                    done.append(name)
                    waiting = next(path[-1][1], None) if path else None
        return done

    # -- decisions and boxed expressions ----------------------------------------------------

    def _named_decision(self, element: etree._Element) -> tuple[str, Decision]:
        name = self._name(element)
        body = self._only_body(element, name)
        type_name = self._variable_type(element)
        return name, Decision(name, body, self._required(element), type_name, _line(element))

    def _named_knowledge(self, element: etree._Element) -> tuple[str, Decision]:
        name = self._name(element)
        body = self._only_body(element, name)
        return name, Decision(name, body, self._required(element), None, _line(element))

    def _only_body(self, element: etree._Element, name: str) -> syntax.Node:
        for child in element:
            if etree.QName(child).localname in _BODIES:
                return self._body(child, name)
        if etree.QName(element).localname == "decision":
            # The standard lets a decision stand without logic: it has no answer.
            return syntax.Literal(None)
        raise self._refused(
            element, zh="没有可读的表达式", en="it holds no expression that can be read"
        )

    def _body(self, element: etree._Element, name: str) -> syntax.Node:
        readers: dict[str, Callable[[etree._Element, str], syntax.Node]] = {
            "decisionTable": self._table,
            "literalExpression": self._literal,
            "context": self._context,
            "invocation": self._invocation,
            "list": self._list,
            "relation": self._relation,
            "functionDefinition": self._function,
            "encapsulatedLogic": self._function,
        }
        reader = readers.get(etree.QName(element).localname)
        if reader is None:
            raise self._refused(
                element, zh="不支持这种表达式", en="this kind of expression is not read"
            )
        return reader(element, name)

    def _literal(self, element: etree._Element, name: str) -> syntax.Node:
        text = self._text(element)
        return self._expression(element, text) if text else syntax.Literal(None)

    def _context(self, element: etree._Element, name: str) -> syntax.Node:
        entries: list[syntax.Entry] = []
        for entry in self._children(element, "contextEntry"):
            variable = self._child(entry, "variable")
            if variable is None:
                inner = tuple(entries)
                return syntax.Path(
                    syntax.ContextOf((*inner, syntax.Entry("", self._only_body(entry, name)))), ""
                )
            key = self._name(variable)
            entries.append(syntax.Entry(key, self._only_body(entry, key)))
        return syntax.ContextOf(tuple(entries))

    def _invocation(self, element: etree._Element, name: str) -> syntax.Node:
        function = self._only_body(element, name)
        arguments = []
        for binding in self._children(element, "binding"):
            parameter = self._child(binding, "parameter")
            if parameter is None:
                raise self._refused(binding, zh="缺少参数名", en="the parameter is missing")
            arguments.append(syntax.Argument(self._name(parameter), self._only_body(binding, name)))
        return syntax.Call(function, tuple(arguments))

    def _list(self, element: etree._Element, name: str) -> syntax.Node:
        bodies = (child for child in element if etree.QName(child).localname in _BODIES)
        return syntax.ListOf(tuple(self._body(child, name) for child in bodies))

    def _relation(self, element: etree._Element, name: str) -> syntax.Node:
        columns = [self._name(column) for column in self._children(element, "column")]
        rows = []
        for row in self._children(element, "row"):
            bodies = [child for child in row if etree.QName(child).localname in _BODIES]
            if len(bodies) != len(columns):
                raise self._refused(
                    row,
                    zh=f"有{len(columns)}列，此行却有{len(bodies)}格",
                    en=f"the relation has {len(columns)} columns, this row {len(bodies)} cells",
                )
            pairs = zip(columns, bodies, strict=True)
            rows.append(
                syntax.ContextOf(
                    tuple(syntax.Entry(key, self._body(one, key)) for key, one in pairs)
                )
            )
        return syntax.ListOf(tuple(rows))

    def _function(self, element: etree._Element, name: str) -> syntax.Node:
        if element.get("kind", "FEEL") != "FEEL":
            raise self._refused(
                element, zh="只支持 FEEL 函数", en="only functions written in FEEL are read"
            )
        parameters = tuple(
            syntax.Parameter(self._name(one), self.types.of(one))
            for one in self._children(element, "formalParameter")
        )
        return syntax.FunctionDefinition(parameters, self._only_body(element, name))

    # -- decision tables --------------------------------------------------------------------

    def _table(self, element: etree._Element, name: str) -> syntax.Node:
        policy = element.get("hitPolicy", "UNIQUE").replace("_", " ")
        if policy not in _HIT_POLICIES:
            raise self._refused(
                element,
                zh=f"不认识的命中策略“{policy}”",
                en=f'the hit policy "{policy}" is not known',
            )
        inputs = tuple(self._input(one) for one in self._children(element, "input"))
        outputs = self._outputs(element, name)
        labels = [one.get("name") or "" for one in self._children(element, "annotation")]
        rows = tuple(
            self._row(one, place, inputs, outputs, labels)
            for place, one in enumerate(self._children(element, "rule"), start=1)
        )
        self._refuse_double_ids(element, rows)
        return DecisionTable(
            name=name,
            hit_policy=cast(HitPolicy, policy),
            aggregation=self._aggregation(element, policy),
            inputs=inputs,
            outputs=outputs,
            rows=rows,
            line=_line(element),
        )

    def _aggregation(self, element: etree._Element, policy: str) -> Aggregation | None:
        aggregation = element.get("aggregation")
        if aggregation is None or policy != "COLLECT":
            return None
        if aggregation not in _AGGREGATIONS:
            raise self._refused(
                element,
                zh=f"不认识的汇总方式“{aggregation}”",
                en=f'the aggregation "{aggregation}" is not known',
            )
        return cast(Aggregation, aggregation)

    def _input(self, element: etree._Element) -> InputColumn:
        expression = self._child(element, "inputExpression")
        if expression is None:
            raise self._refused(element, zh="缺少输入表达式", en="the input expression is missing")
        text = self._text(expression)
        allowed = self._child(element, "inputValues")
        listed = "" if allowed is None else self._text(allowed)
        return InputColumn(
            label=element.get("label") or text,
            text=text,
            expression=self._expression(expression, text),
            column_type=self.types.column_type(expression.get("typeRef") or "", text),
            allowed=self._tests(element, listed) if listed else None,
            line=_line(element),
        )

    def _outputs(self, element: etree._Element, name: str) -> tuple[OutputColumn, ...]:
        found = list(self._children(element, "output"))
        if not found:
            raise self._refused(element, zh="没有输出列", en="the table has no output")
        outputs = tuple(self._output(one, name, alone=len(found) == 1) for one in found)
        if len({one.name for one in outputs}) != len(outputs):
            raise self._refused(element, zh="输出列重名", en="two outputs have one name")
        return outputs

    def _output(self, element: etree._Element, table: str, *, alone: bool) -> OutputColumn:
        name = " ".join((element.get("name") or "").split())
        if not name and not alone:
            raise self._refused(element, zh="输出列缺少名称", en="the output has no name")
        values = self._child(element, "outputValues")
        listed = "" if values is None else self._text(values)
        default = self._child(element, "defaultOutputEntry")
        default_text = "" if default is None else self._text(default)
        return OutputColumn(
            name=name or table,
            type_name=self.types.resolved(element.get("typeRef") or ""),
            allowed=self._tests(element, listed).tests if listed else (),
            default=self._expression(element, default_text) if default_text else None,
        )

    def _row(
        self,
        element: etree._Element,
        place: int,
        inputs: tuple[InputColumn, ...],
        outputs: tuple[OutputColumn, ...],
        labels: list[str],
    ) -> Row:
        tests = list(self._children(element, "inputEntry"))
        results = list(self._children(element, "outputEntry"))
        if (len(tests), len(results)) != (len(inputs), len(outputs)):
            raise self._refused(
                element,
                zh=f"应有{len(inputs)}个输入和{len(outputs)}个输出，"
                f"实有{len(tests)}个和{len(results)}个",
                en=f"{len(inputs)} inputs and {len(outputs)} outputs are needed, "
                f"the row has {len(tests)} and {len(results)}",
            )
        return Row(
            row_id=element.get("id") or element.get("label") or str(place),
            cells=tuple(self._cell(one, column) for one, column in zip(tests, inputs, strict=True)),
            outputs=tuple(self._output_cell(one) for one in results),
            says=MappingProxyType(self._says(element, labels)),
            line=_line(element),
        )

    def _cell(self, element: etree._Element, column: InputColumn) -> Cell:
        text = self._text(element) or "-"
        tests = self._tests(element, text)
        return Cell(text, tests, _unary(tests, text, column.column_type), _line(element))

    def _output_cell(self, element: etree._Element) -> OutputCell:
        text = self._text(element)
        node = self._expression(element, text) if text and text != "-" else syntax.Literal(None)
        return OutputCell(text, node, _line(element))

    def _says(self, element: etree._Element, labels: list[str]) -> dict[str, str]:
        """Yield the row's sentence per language: ``zh: ... | en: ...`` or annotation columns."""
        said: dict[str, str] = {}
        description = self._child(element, "description")
        if description is not None:
            said |= _languages(_inner(description))
        for label, entry in zip(labels, self._children(element, "annotationEntry"), strict=False):
            text = self._text(entry)
            said |= {label: text} if label in ("zh", "en") and text else _languages(text)
        return said

    def _refuse_double_ids(self, element: etree._Element, rows: tuple[Row, ...]) -> None:
        seen: set[str] = set()
        for row in rows:
            if row.row_id in seen:
                raise ModelRefused(
                    element=f"rule {row.row_id}",
                    line=row.line,
                    zh="两行用了同一个编号",
                    en="two rows have one id",
                )
            seen.add(row.row_id)


def _line(element: etree._Element) -> int:
    return cast(int, element.sourceline or 0)


def _inner(element: etree._Element) -> str:
    return "".join(str(part) for part in element.itertext()).strip()


def _unary(tests: syntax.Tests, text: str, column_type: ColumnType | None) -> UnaryTests | None:
    for guess in (column_type,) if column_type else ("number", "text", "boolean", "date"):
        try:
            return unary_of(tree=tests, text=text, column_type=guess)
        except UnreadableCell:
            continue
    return None


def _languages(text: str) -> dict[str, str]:
    said = {}
    for part in text.split("|"):
        language, colon, sentence = part.strip().partition(":")
        if colon and language in ("zh", "en"):
            said[language] = sentence.strip()
        elif part.strip():
            said[""] = part.strip()
    return said
