package fold

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"asof/replay"
)

// maxTomlKeys bounds the keys of a file: the library looks for duplicates in
// time that grows with their square.
const maxTomlKeys = 10_000

// maxTomlPath bounds the bytes of a [tomlPath].
const maxTomlPath = 1000

// A tomlPath names a place in a document: keys and array indexes, each ended by
// a zero byte. A key that has one itself only misplaces a caret.
type tomlPath string

func (p tomlPath) key(k string) tomlPath {
	// What is that deep is unknown anyway: the place of what is around it will do.
	if len(p)+len(k) > maxTomlPath {
		return p
	}
	return p + tomlPath(k) + "\x00"
}

func (p tomlPath) index(i int) tomlPath { return p.key(strconv.Itoa(i)) }

// A tomlDoc is a document with the places of what it holds, for errors.
type tomlDoc struct {
	path string
	text []byte
	root map[string]any

	keyAt, valueAt map[tomlPath]int // byte offsets
	tables         map[tomlPath]int // how many [[tables]] there are of that name so far
	keys           int
}

// parseToml reads a document. An error is a [ProjectError].
func parseToml(path string, text []byte) (*tomlDoc, error) {
	d := &tomlDoc{
		path: path, text: text, root: map[string]any{},
		keyAt: map[tomlPath]int{}, valueAt: map[tomlPath]int{}, tables: map[tomlPath]int{},
	}
	if err := d.locate(); err != nil {
		return nil, err
	}
	if err := toml.Unmarshal(text, &d.root); err != nil {
		e := &ProjectError{Path: path, Msg: strings.TrimPrefix(err.Error(), "toml: ")}
		var fault *toml.DecodeError
		if errors.As(err, &fault) {
			line, col := fault.Position() // in bytes
			e.place(text, offsetOf(text, line, col))
		}
		return nil, e
	}
	return d, nil
}

// locate notes where each key and value of the text is.
func (d *tomlDoc) locate() error {
	var p unstable.Parser
	p.Reset(d.text)
	var in tomlPath
	for p.NextExpression() {
		n := p.Expression()
		switch n.Kind {
		case unstable.Table:
			in = d.table(n, false)
		case unstable.ArrayTable:
			in = d.table(n, true)
		case unstable.KeyValue:
			d.keyValue(in, n)
		}
		if d.keys > maxTomlKeys {
			return &ProjectError{Path: d.path, Msg: fmt.Sprintf("more than %d keys", maxTomlKeys)}
		}
	}
	err := p.Error()
	if err == nil {
		return nil
	}
	e := &ProjectError{Path: d.path, Msg: err.Error()}
	var fault *unstable.ParserError
	if errors.As(err, &fault) {
		e.Msg = fault.Message
		// What is highlighted is a part of the text.
		e.place(d.text, cap(d.text)-cap(fault.Highlight))
	}
	return e
}

// count counts one more key or element, and reports whether that is still
// allowed.
func (d *tomlDoc) count() bool {
	d.keys++
	return d.keys <= maxTomlKeys
}

func (d *tomlDoc) table(n *unstable.Node, array bool) tomlPath {
	var in tomlPath
	for it := n.Key(); it.Next() && d.count(); {
		in = in.key(string(it.Node().Data))
		d.note(d.keyAt, in, it.Node())
		if it.IsLast() && array {
			d.tables[in]++
		}
		if count := d.tables[in]; count > 0 {
			in = in.index(count - 1)
			d.note(d.keyAt, in, it.Node())
		}
	}
	return in
}

func (d *tomlDoc) keyValue(in tomlPath, n *unstable.Node) {
	for it := n.Key(); it.Next() && d.count(); {
		in = in.key(string(it.Node().Data))
		d.note(d.keyAt, in, it.Node())
	}
	d.value(in, n.Value())
}

func (d *tomlDoc) value(at tomlPath, n *unstable.Node) {
	switch n.Kind {
	case unstable.InlineTable:
		for it := n.Children(); it.Next(); {
			if it.Node().Kind == unstable.KeyValue {
				d.keyValue(at, it.Node())
			}
		}
	case unstable.Array:
		i := 0
		for it := n.Children(); it.Next(); {
			if it.Node().Kind != unstable.Comment && d.count() {
				d.value(at.index(i), it.Node())
				i++
			}
		}
	default:
		d.note(d.valueAt, at, n)
	}
}

func (d *tomlDoc) note(where map[tomlPath]int, at tomlPath, n *unstable.Node) {
	if _, ok := where[at]; !ok && n.Raw.Length > 0 {
		where[at] = int(n.Raw.Offset)
	}
}

// fault returns an error about the value at a path, or about its key where the
// place of the value is not known.
func (d *tomlDoc) fault(at tomlPath, msg, next string) *ProjectError {
	if offset, ok := d.valueAt[at]; ok {
		return d.errorAt(offset, msg, next)
	}
	return d.keyFault(at, msg, next)
}

// keyFault returns an error about the key at a path, or the nearest around it.
func (d *tomlDoc) keyFault(at tomlPath, msg, next string) *ProjectError {
	for {
		if offset, ok := d.keyAt[at]; ok {
			return d.errorAt(offset, msg, next)
		}
		if at == "" {
			return &ProjectError{Path: d.path, Msg: msg, Next: next}
		}
		at = at[:strings.LastIndexByte(string(at[:len(at)-1]), 0)+1]
	}
}

func (d *tomlDoc) errorAt(offset int, msg, next string) *ProjectError {
	e := &ProjectError{Path: d.path, Msg: msg, Next: next}
	e.place(d.text, offset)
	return e
}

// line returns the line that holds the value or the key at a path.
func (d *tomlDoc) line(at tomlPath) int {
	return d.fault(at, "", "").Line
}

// place sets the place of the error: an offset in the text, in bytes.
func (e *ProjectError) place(text []byte, offset int) {
	offset = min(max(offset, 0), len(text))
	start := bytes.LastIndexByte(text[:offset], '\n') + 1
	line, _, _ := bytes.Cut(text[start:], []byte("\n"))
	line = bytes.TrimSuffix(line, []byte("\r"))
	before := string(text[start:min(offset, start+len(line))])
	e.Line = bytes.Count(text[:start], []byte("\n")) + 1
	e.Col = utf8.RuneCountInString(before) + 1
	e.Source = projectCaret(string(line), e.Col)
}

// projectCaret returns the line with a caret below its character col, from 1: as much
// of a long one as a terminal is wide, and nothing that a terminal obeys.
func projectCaret(line string, col int) string {
	const width, before = 120, 60
	chars := []rune(line)
	for i, c := range chars {
		if c != '\t' && !unicode.IsPrint(c) {
			chars[i] = utf8.RuneError
		}
	}
	at := min(col-1, len(chars))
	if len(chars) > width {
		from := min(max(at-before, 0), len(chars)-width)
		chars, at = chars[from:from+width], at-from
	}
	under := make([]rune, at)
	for i := range under {
		if under[i] = ' '; chars[i] == '\t' {
			under[i] = '\t'
		}
	}
	return string(chars) + "\n" + string(under) + "^"
}

// offsetOf returns the offset of a line and column, both from 1 and in bytes.
func offsetOf(text []byte, line, col int) int {
	offset := 0
	for ; line > 1; line-- {
		next := bytes.IndexByte(text[offset:], '\n')
		if next < 0 {
			break
		}
		offset += next + 1
	}
	return offset + col - 1
}

// A tomlTable reads one table.
type tomlTable struct {
	doc   *tomlDoc
	at    tomlPath
	name  string // for messages: "[[projection]]"
	vals  map[string]any
	known []string
	fault *tomlFault
}

// A tomlFault collects the faults of a document. What is missing counts last:
// a key that is there but misspelt says more.
type tomlFault struct{ first, missing *ProjectError }

func (f *tomlFault) add(e *ProjectError) { f.first = f.first.earlier(e) }

func (f *tomlFault) miss(e *ProjectError) { f.missing = f.missing.earlier(e) }

func (f *tomlFault) err() error {
	switch {
	case f.first != nil:
		return f.first
	case f.missing != nil:
		return f.missing
	}
	return nil
}

// earlier returns the error that comes first in the text; e may be nil.
func (e *ProjectError) earlier(than *ProjectError) *ProjectError {
	if e == nil || than.Line < e.Line || than.Line == e.Line && than.Col < e.Col {
		return than
	}
	return e
}

func (t *tomlTable) bad(key, msg, next string) { t.fault.add(t.doc.fault(t.at.key(key), msg, next)) }

// has looks a key up and makes it a known one.
func (t *tomlTable) has(key string) (any, bool) {
	t.known = append(t.known, key)
	v, ok := t.vals[key]
	return v, ok
}

// str returns the string of that key; empty when it is not there.
func (t *tomlTable) str(key string) string {
	v, ok := t.has(key)
	if !ok {
		return ""
	}
	s, ok := v.(string)
	switch {
	case !ok:
		t.bad(key, fmt.Sprintf("%s must be a string, not %s", key, tomlType(v)), "")
	case s == "":
		t.bad(key, key+" is empty", "give it a value or leave it out")
	}
	return s
}

// needed is str for a key that must be there.
func (t *tomlTable) needed(key, next string) string {
	if _, ok := t.vals[key]; !ok {
		t.known = append(t.known, key)
		t.fault.miss(t.doc.keyFault(t.at, fmt.Sprintf("%s has no %s", t.name, key), next))
		return ""
	}
	return t.str(key)
}

// strs returns the strings of that key, which may be one string.
func (t *tomlTable) strs(key string) []string {
	v, ok := t.has(key)
	if !ok {
		return nil
	}
	list, ok := v.([]any)
	if !ok {
		if _, ok := v.(string); !ok {
			t.bad(key, fmt.Sprintf("%s must be a string or a list of them, not %s", key, tomlType(v)), "")
			return nil
		}
		return []string{t.str(key)}
	}
	var out []string
	for i, v := range list {
		s, ok := v.(string)
		switch at := t.at.key(key).index(i); {
		case !ok:
			t.fault.add(t.doc.fault(at, fmt.Sprintf("%s must be a list of strings: element %d is %s", key, i+1, tomlType(v)), ""))
		case s == "":
			t.fault.add(t.doc.fault(at, fmt.Sprintf("element %d of %s is empty", i+1, key), "give it a value or leave it out"))
		}
		out = append(out, s)
	}
	if len(list) == 0 {
		t.bad(key, key+" is empty", "give it a value or leave it out")
	}
	return out
}

// table returns the table of that key, or nil.
func (t *tomlTable) table(key, name string) *tomlTable {
	v, ok := t.has(key)
	if !ok {
		return nil
	}
	vals, ok := v.(map[string]any)
	if !ok {
		next := ""
		if _, is := v.([]any); is {
			next = fmt.Sprintf("write [%s], with single brackets", key)
		}
		t.bad(key, fmt.Sprintf("%s must be a table, not %s", key, tomlType(v)), next)
		return nil
	}
	return &tomlTable{doc: t.doc, at: t.at.key(key), name: name, vals: vals, fault: t.fault}
}

// tables returns the [[tables]] of that key.
func (t *tomlTable) tables(key string) []*tomlTable {
	v, ok := t.has(key)
	if !ok {
		return nil
	}
	name := "[[" + key + "]]"
	list, ok := v.([]any)
	if !ok {
		t.bad(key, fmt.Sprintf("%s must be a list of tables, not %s", key, tomlType(v)), "write "+name+", with double brackets")
		return nil
	}
	var out []*tomlTable
	for i, v := range list {
		at := t.at.key(key).index(i)
		vals, ok := v.(map[string]any)
		if !ok {
			t.fault.add(t.doc.fault(at, fmt.Sprintf("%s must be a list of tables: element %d is %s", key, i+1, tomlType(v)), "write "+name))
			continue
		}
		out = append(out, &tomlTable{doc: t.doc, at: at, name: name, vals: vals, fault: t.fault})
	}
	return out
}

// done reports the keys that were not asked for.
func (t *tomlTable) done() {
	for key := range t.vals {
		if slices.Contains(t.known, key) {
			continue
		}
		next := listed("the keys are ", t.known)
		if near := replay.Near(key, t.known, 1); near != nil {
			next = fmt.Sprintf("did you mean %s?", near[0])
		}
		msg := fmt.Sprintf("unknown key %q", key)
		if t.name != "" {
			msg += " in " + t.name
		}
		t.fault.add(t.doc.keyFault(t.at.key(key), msg, next))
	}
}

// sorted returns the keys of the table in the order of the file.
func (t *tomlTable) sorted() []string {
	var keys []string
	for key := range t.vals {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int {
		if d := t.doc.keyAt[t.at.key(a)] - t.doc.keyAt[t.at.key(b)]; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return keys
}

// tomlType names the type of a value, with its article.
func tomlType(v any) string {
	switch v.(type) {
	case string:
		return "a string"
	case bool:
		return "a boolean"
	case int64, float64:
		return "a number"
	case []any:
		return "a list"
	case map[string]any:
		return "a table"
	default:
		return "a date or time"
	}
}
