package dialect

import (
	"encoding/base64"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"asof/replay/store/cell"
)

// rubyYAML converts the YAML of Ruby's Psych to JSON. Symbols become strings (:order_id
// is "order_id"), a BigDecimal becomes the exact number, and times, dates and binary
// text become strings. An object of another class has no JSON form: the payload is
// opaque, and the reason names the class.
type rubyYAML struct {
	out []byte
}

// A rubyError is the reason why a document has no JSON form.
type rubyError string

func (e rubyError) Error() string { return string(e) }

// json returns the document as JSON, valid until the next call, or why it has no JSON
// form.
func (y *rubyYAML) json(doc []byte) (data []byte, opaque string) {
	y.out = y.out[:0]
	if err := y.convert(doc); err != nil {
		return nil, "YAML that has no form in JSON: " + err.Error()
	}
	return y.out, ""
}

func (y *rubyYAML) convert(doc []byte) (err error) {
	defer func() {
		if r := recover(); r != nil { // a third-party parser reads untrusted input
			err = rubyError(fmt.Sprint("the parser failed: ", r))
		}
	}()
	var n yaml.Node
	if err := yaml.Unmarshal(doc, &n); err != nil {
		return rubyError(strings.TrimPrefix(err.Error(), "yaml: "))
	}
	switch {
	case n.Kind == 0:
		y.out = append(y.out, "null"...)
		return nil
	case n.Kind == yaml.DocumentNode && len(n.Content) == 1:
		return y.node(n.Content[0], 0)
	}
	return rubyError("no document")
}

func (y *rubyYAML) node(n *yaml.Node, depth int) error {
	if depth > cell.MaxDepth {
		return rubyError(fmt.Sprintf("nested more than %d deep", cell.MaxDepth))
	}
	if len(y.out) > cell.MaxPayload { // aliases can expand a small document
		return rubyError("more than 64 MiB when written out")
	}
	switch n.Kind {
	case yaml.AliasNode:
		return y.node(n.Alias, depth+1)
	case yaml.MappingNode:
		return y.mapping(n, depth)
	case yaml.SequenceNode:
		if !plainTag(n.Tag, "!!seq", "!ruby/array:") {
			return rubyClass(n.Tag)
		}
		return y.sequence(n.Content, depth)
	case yaml.ScalarNode:
		return y.scalar(n)
	}
	return rubyError("no value")
}

// plainTag reports whether a tag only repeats the node's kind, or names a subclass of
// it.
func plainTag(tag, kind, subclasses string) bool {
	return tag == "" || tag == "!" || tag == kind || strings.HasPrefix(tag, subclasses)
}

func rubyClass(tag string) error {
	return rubyError("it holds a Ruby object, " + cell.Cut([]byte(tag)))
}

func (y *rubyYAML) sequence(items []*yaml.Node, depth int) error {
	y.out = append(y.out, '[')
	for i, item := range items {
		if i > 0 {
			y.out = append(y.out, ',')
		}
		if err := y.node(item, depth+1); err != nil {
			return err
		}
	}
	y.out = append(y.out, ']')
	return nil
}

func (y *rubyYAML) mapping(n *yaml.Node, depth int) error {
	switch n.Tag {
	case "!ruby/object:ActiveSupport::TimeWithZone":
		if utc := target(member(n, "utc")); utc != nil && utc.Kind == yaml.ScalarNode {
			y.out = cell.AppendJSON(y.out, utc.Value)
			return nil
		}
		return rubyClass(n.Tag)
	case "!ruby/object:ActiveModel::Type::Binary::Data":
		if v := target(member(n, "value")); v != nil && v.Kind == yaml.ScalarNode {
			return y.binary(v)
		}
		return rubyClass(n.Tag)
	case "!ruby/object:Set":
		if h := target(member(n, "hash")); h != nil && h.Kind == yaml.MappingNode {
			var keys []*yaml.Node
			for i := 0; i+1 < len(h.Content); i += 2 {
				keys = append(keys, h.Content[i])
			}
			return y.sequence(keys, depth)
		}
		return rubyClass(n.Tag)
	case "!ruby/object:ActiveSupport::HashWithIndifferentAccess":
	default:
		if !plainTag(n.Tag, "!!map", "!ruby/hash:") {
			return rubyClass(n.Tag)
		}
	}
	y.out = append(y.out, '{')
	seen := rubyKeys{map[rubyName]string{}, map[string]bool{}}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if i > 0 {
			y.out = append(y.out, ',')
		}
		key, err := rubyKey(n.Content[i], seen)
		if err != nil {
			return err
		}
		y.out = append(cell.AppendJSON(y.out, key), ':')
		if err := y.node(n.Content[i+1], depth+1); err != nil {
			return err
		}
	}
	y.out = append(y.out, '}')
	return nil
}

// member returns the value of a mapping's member, or nil.
func member(n *yaml.Node, name string) *yaml.Node {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i+1]
		}
	}
	return nil
}

// target resolves an alias.
func target(n *yaml.Node) *yaml.Node {
	if n != nil && n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// A rubyName is a Ruby key, which is a string or a symbol.
type rubyName struct {
	name   string
	symbol bool
}

// rubyKeys are the keys of an object so far.
type rubyKeys struct {
	written map[rubyName]string
	used    map[string]bool
}

// rubyKey returns a key as text. A symbol and a string with the same spelling are
// different keys in Ruby: the later one gets a colon.
func rubyKey(n *yaml.Node, seen rubyKeys) (string, error) {
	n = target(n)
	if n.Kind != yaml.ScalarNode {
		return "", rubyError("a key that is not text")
	}
	key, symbol := rubySymbol(n)
	if !symbol {
		key = n.Value
	}
	name := rubyName{key, symbol}
	written, again := seen.written[name] // the last value wins, as in Ruby
	if !again {
		for written = key; seen.used[written]; {
			written = ":" + written
		}
		seen.written[name], seen.used[written] = written, true
	}
	return written, nil
}

// rubySymbol returns the name of a symbol. A plain string that begins with a colon is
// quoted in YAML, which distinguishes the two.
func rubySymbol(n *yaml.Node) (string, bool) {
	switch n.Tag {
	case "!ruby/symbol", "!ruby/sym":
		return n.Value, true
	case "!!str", "":
	default:
		return "", false
	}
	name, ok := strings.CutPrefix(n.Value, ":")
	if !ok || name == "" || n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return "", false
	}
	if len(name) > 1 && (name[0] == '"' || name[0] == '\'') && name[len(name)-1] == name[0] {
		name = name[1 : len(name)-1]
	}
	return name, true
}

func (y *rubyYAML) scalar(n *yaml.Node) error {
	if s, ok := rubySymbol(n); ok {
		y.out = cell.AppendJSON(y.out, s)
		return nil
	}
	switch n.Tag {
	case "!!null":
		y.out = append(y.out, "null"...)
	case "!!bool":
		y.out = strconv.AppendBool(y.out, strings.EqualFold(n.Value, "true"))
	case "!!int":
		return y.integer(n.Value)
	case "!!float":
		return y.real(n.Value)
	case "!ruby/object:BigDecimal":
		return y.decimal(n.Value)
	case "!binary", "!!binary":
		b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(n.Value), ""))
		if err != nil || !utf8.Valid(b) {
			b = []byte(n.Value)
		}
		y.out = cell.AppendJSON(y.out, string(b))
	case "!!str", "", "!", "!!timestamp", "!!merge", "!ruby/object:DateTime", "!ruby/object:Date", "!ruby/string":
		y.out = cell.AppendJSON(y.out, n.Value)
	default:
		if !strings.HasPrefix(n.Tag, "!str:") && !strings.HasPrefix(n.Tag, "!ruby/string:") {
			return rubyClass(n.Tag)
		}
		y.out = cell.AppendJSON(y.out, n.Value)
	}
	return nil
}

// binary writes bytes in base64, as Psych does unless they are text.
func (y *rubyYAML) binary(n *yaml.Node) error {
	text := base64.StdEncoding.EncodeToString([]byte(n.Value))
	if n.Tag == "!binary" || n.Tag == "!!binary" {
		text = strings.Join(strings.Fields(n.Value), "")
	}
	y.out = cell.AppendJSON(y.out, text)
	return nil
}

// integer writes an integer of any size.
func (y *rubyYAML) integer(s string) error {
	if cell.IsNumber([]byte(s)) {
		y.out = append(y.out, s...)
		return nil
	}
	const most = 10_000 // digits, to bound the time to parse them
	n, ok := new(big.Int).SetString(strings.TrimPrefix(strings.ReplaceAll(s, "_", ""), "+"), 0)
	if !ok || len(s) > most {
		return rubyError("no integer: " + cell.Cut([]byte(s)))
	}
	y.out = n.Append(y.out, 10)
	return nil
}

// real writes a float. JSON has no infinities, so they become strings.
func (y *rubyYAML) real(s string) error {
	if cell.IsNumber([]byte(s)) {
		y.out = append(y.out, s...)
		return nil
	}
	f, err := strconv.ParseFloat(strings.ReplaceAll(s, "_", ""), 64)
	if b := cell.AppendReal(nil, f); err == nil && cell.IsNumber(b) {
		y.out = append(y.out, b...)
	} else {
		y.out = cell.AppendJSON(y.out, s)
	}
	return nil
}

// decimal writes a BigDecimal, in Ruby's notation PRECISION:0.DIGITSeEXPONENT, as an
// exact number.
func (y *rubyYAML) decimal(s string) error {
	_, number, ok := strings.Cut(s, ":")
	if !ok {
		number = s
	}
	mantissa, exponent, _ := strings.Cut(strings.ToLower(number), "e")
	exp, err := strconv.Atoi(exponent)
	digits, negative := strings.CutPrefix(mantissa, "-")
	digits, ok = strings.CutPrefix(digits, "0.")
	const widest = 40 // maximum count of zeros to write out
	if err != nil || !ok || digits == "" || strings.Trim(digits, "0123456789") != "" || exp < -widest || exp > len(digits)+widest {
		if number = strings.TrimPrefix(number, "+"); cell.IsNumber([]byte(number)) {
			y.out = append(y.out, number...)
		} else {
			y.out = cell.AppendJSON(y.out, number) // NaN, Infinity
		}
		return nil
	}
	if negative {
		y.out = append(y.out, '-')
	}
	if exp <= 0 {
		y.out = append(y.out, "0."+strings.Repeat("0", -exp)+digits...)
		return nil
	}
	digits += strings.Repeat("0", max(0, exp-len(digits)))
	whole := strings.TrimLeft(digits[:exp], "0")
	if whole == "" {
		whole = "0"
	}
	y.out = append(y.out, whole...)
	if exp < len(digits) {
		y.out = append(append(y.out, '.'), digits[exp:]...)
	}
	return nil
}
