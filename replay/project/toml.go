package project

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"asof/replay"
	"asof/replay/place"
)

// maxTomlKeys is the most keys of a file. The library's check for duplicates takes
// quadratic time.
const maxTomlKeys = 10_000

// maxTomlPath is the longest [tomlPath], in bytes.
const maxTomlPath = 1000

// A tomlPath identifies a value in a document by keys and array indexes, each ended
// by a zero byte. A zero byte in a key only misplaces a caret.
type tomlPath string

func (p tomlPath) key(k string) tomlPath {
	// A key this deep is unknown anyway; the position of its table is good enough.
	if len(p)+len(k) > maxTomlPath {
		return p
	}
	return p + tomlPath(k) + "\x00"
}

func (p tomlPath) index(i int) tomlPath { return p.key(strconv.Itoa(i)) }

// A tomlDoc is a document with the positions of its keys and values, for errors.
type tomlDoc struct {
	path string
	text []byte
	root map[string]any

	keyAt, valueAt map[tomlPath]int // byte offsets
	tables         map[tomlPath]int // number of [[tables]] of each name so far
	keys           int
}

// parseToml parses a document. Its error is an [Error].
func parseToml(path string, text []byte) (*tomlDoc, error) {
	d := &tomlDoc{
		path: path, text: text, root: map[string]any{},
		keyAt: map[tomlPath]int{}, valueAt: map[tomlPath]int{}, tables: map[tomlPath]int{},
	}
	if err := d.locate(); err != nil {
		return nil, err
	}
	if err := toml.Unmarshal(text, &d.root); err != nil {
		e := &Error{Path: path, Msg: replay.Printable(place.Redact(strings.TrimPrefix(err.Error(), "toml: ")), 1000)}
		var fault *toml.DecodeError
		if errors.As(err, &fault) {
			line, col := fault.Position() // in bytes
			e.place(text, offsetOf(text, line, col))
		}
		return nil, e
	}
	return d, nil
}

// locate records the position of each key and value.
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
			return &Error{Path: d.path, Msg: fmt.Sprintf("more than %d keys", maxTomlKeys)}
		}
	}
	err := p.Error()
	if err == nil {
		return nil
	}
	e := &Error{Path: d.path, Msg: err.Error()}
	var fault *unstable.ParserError
	if errors.As(err, &fault) {
		e.Msg = replay.Printable(place.Redact(fault.Message), 1000)
		// Highlight is a slice of the text.
		e.place(d.text, cap(d.text)-cap(fault.Highlight))
	}
	return e
}

// count counts one more key or element and reports whether it is within the limit.
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

// fault returns an error about the value at a path, or about its key if the position
// of the value is unknown.
func (d *tomlDoc) fault(at tomlPath, msg, next string) *Error {
	if offset, ok := d.valueAt[at]; ok {
		return d.errorAt(offset, msg, next)
	}
	return d.keyFault(at, msg, next)
}

// keyFault returns an error about the key at a path, or the nearest enclosing one.
func (d *tomlDoc) keyFault(at tomlPath, msg, next string) *Error {
	for {
		if offset, ok := d.keyAt[at]; ok {
			return d.errorAt(offset, msg, next)
		}
		if at == "" {
			return &Error{Path: d.path, Msg: msg, Next: next}
		}
		at = at[:strings.LastIndexByte(string(at[:len(at)-1]), 0)+1]
	}
}

func (d *tomlDoc) errorAt(offset int, msg, next string) *Error {
	const most = 1000 // characters, in case a name is very long
	e := &Error{Path: d.path, Msg: replay.Printable(place.Redact(msg), most), Next: replay.Printable(next, most)}
	e.place(d.text, offset)
	return e
}

// line returns the line of the value or the key at a path.
func (d *tomlDoc) line(at tomlPath) int {
	return d.fault(at, "", "").Line
}

// place sets the position of the error, from a byte offset in the text.
func (e *Error) place(text []byte, offset int) {
	offset = min(max(offset, 0), len(text))
	start := bytes.LastIndexByte(text[:offset], '\n') + 1
	line, _, _ := bytes.Cut(text[start:], []byte("\n"))
	line = bytes.TrimSuffix(line, []byte("\r"))
	before := string(text[start:min(offset, start+len(line))])
	e.Line = bytes.Count(text[:start], []byte("\n")) + 1
	e.Col = utf8.RuneCountInString(before) + 1
	if !holdsSecret(string(text), string(line)) {
		e.Source = projectCaret(string(line), e.Col)
	}
}

// holdsSecret reports whether a line may contain a password, or part of one in a
// multi-line string.
func holdsSecret(text, line string) bool {
	if place.MayHoldSecret(line) || strings.Contains(line, "@") && strings.Contains(text, "://") {
		return true
	}
	spans := strings.Contains(text, `"""`) || strings.Contains(text, "'''")
	return spans && (strings.Contains(text, "://") || place.MayHoldSecret(text))
}

// projectCaret returns the line with a caret below character col, from 1. It shortens
// long lines and removes control characters.
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
